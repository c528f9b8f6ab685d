import Foundation
import TestSupport
import Testing

private let openssl = "/usr/bin/openssl"

/// Keys that a passphrase protects, and commands that sign for those who keep no bare key.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: openssl), "skipped: no openssl"))
struct SigningKeyTests {
  private let folder: ScratchFolder
  private var certificates: String { folder.url.appending(path: "signer.pem").path }
  private var key: String { folder.url.appending(path: "signer.key").path }

  init() throws { folder = try ScratchFolder() }

  private func makeKeys(_ algorithm: String) throws {
    let made = try CommandLineTool.run([
      "credentials", "keys", "--organization", "Desk", "--algorithm", algorithm, "-o", folder.url.path,
      "--force",
    ])
    #expect(made.status == 0, "\(made.errors)")
  }

  private func sign(_ words: [String], environment: [String: String] = [:]) throws -> CommandLineTool.Outcome
  {
    try CommandLineTool.run(
      [
        "credentials", "sign", "fixtures/gallery/camera.jpg", "-o", folder.url.appending(path: "s.jpg").path,
        "--force", "--source", "captured", "--tool", "Camera", "--certificates", certificates,
      ] + words, environment: environment)
  }

  private func verify() throws -> String {
    try CommandLineTool.run([
      "credentials", "verify", folder.url.appending(path: "s.jpg").path, "--trust",
      folder.url.appending(path: "root.pem").path,
    ]).output
  }

  private func run(_ words: String...) throws {
    let result = try CommandLineTool.run(words, program: URL(filePath: openssl))
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test(arguments: [
    ["-v2", "aes-256-cbc"], ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"], ["-scrypt"],
    ["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA1", "-iter", "1000"],
  ])
  func `a key that openssl encrypted signs with its passphrase from a file or the environment`(
    options: [String]
  ) throws {
    try makeKeys("es256")
    let encrypted = folder.url.appending(path: "encrypted.key").path
    let result = try CommandLineTool.run(
      ["pkcs8", "-topk8", "-in", key, "-out", encrypted, "-passout", "pass:grüße 7"] + options,
      program: URL(filePath: openssl))
    #expect(result.status == 0, "\(result.errors)")
    let file = folder.url.appending(path: "pass").path
    try Data("grüße 7\n".utf8).write(to: URL(filePath: file))
    let byFile = try sign(["--key", encrypted, "--passphrase-file", file])
    #expect(byFile.status == 0, "\(byFile.errors)")
    #expect(try verify().contains(": trusted: "))
    let byVariable = try sign(["--key", encrypted], environment: ["ASSAY_KEY_PASSPHRASE": "grüße 7"])
    #expect(byVariable.status == 0, "\(byVariable.errors)")
    let wrong = try sign(["--key", encrypted], environment: ["ASSAY_KEY_PASSPHRASE": "gruss"])
    #expect(
      wrong.status == 1 && wrong.errors.contains("the passphrase is not that of the private key"),
      "\(wrong.errors)")
    let none = try sign(["--key", encrypted])
    #expect(none.status == 1 && none.errors.contains("set ASSAY_KEY_PASSPHRASE"), "\(none.errors)")
    #expect(!wrong.errors.contains("gruss") && !byFile.errors.contains("grüße"))
  }

  @Test func `a derivation that fails is no wrong passphrase`() throws {
    try makeKeys("es256")
    let encrypted = folder.url.appending(path: "encrypted.key").path
    // Blocks of this size are more than the library's own limit of memory allows.
    try run(
      "pkcs8", "-topk8", "-in", key, "-out", encrypted, "-passout", "pass:a", "-scrypt", "-scrypt_N", "1024",
      "-scrypt_r", "32", "-scrypt_p", "1")
    let result = try sign(["--key", encrypted], environment: ["ASSAY_KEY_PASSPHRASE": "a"])
    #expect(
      result.status == 1 && result.errors.contains("its key derivation fails")
        && !result.errors.contains("is not that of"), "\(result.errors)")
  }

  @Test func `no program that is started gets the key's passphrase`() throws {
    try makeKeys("es256")
    let result = try sign(
      ["--signer", "sh -c 'echo \"[$OTHER|$ASSAY_KEY_PASSPHRASE]\" >&2; exit 3'"],
      environment: ["ASSAY_KEY_PASSPHRASE": "a secret", "OTHER": "passed on"])
    #expect(result.status == 1 && result.errors.contains("[passed on|]"), "\(result.errors)")
  }

  @Test(arguments: [
    ("es256", "openssl dgst -sha256 -sign"), ("es384", "openssl dgst -sha384 -sign"),
    ("ps256", "openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1 -sign"),
  ])
  func `a command signs in the place of a key`(algorithm: String, command: String) throws {
    try makeKeys(algorithm)
    let signed = try sign(["--signer", "\(command) '\(key)'"])
    #expect(signed.status == 0, "\(signed.errors)")
    #expect(try verify().contains(": trusted: "))
    // The report's signature goes the same way.
    let report = folder.url.appending(path: "r.json").path
    try Data("{}".utf8).write(to: URL(filePath: report))
    let detached = try CommandLineTool.run([
      "report", "sign", report, "--signer", "\(command) '\(key)'", "--certificates", certificates,
    ])
    #expect(detached.status == 0, "\(detached.errors)")
  }

  private static let token = "/usr/lib/softhsm/libsofthsm2.so"

  /// As `assay help credentials sign` gives the lines; SoftHSM has no mechanism that hashes for ECDSA, as many tokens have not.
  @Test(
    .enabled(
      if: ["/usr/bin/softhsm2-util", "/usr/bin/pkcs11-tool", token].allSatisfy(
        FileManager.default.fileExists(atPath:)), "skipped: no softhsm2 and opensc"),
    arguments: [
      (
        "es256",
        "sh -c 'openssl dgst -sha256 -binary | pkcs11-tool --module \(token) --sign --mechanism ECDSA --signature-format openssl --id 01 --pin env:PIN'"
      ),
      (
        "ps256",
        "pkcs11-tool --module \(token) --sign --mechanism SHA256-RSA-PKCS-PSS --salt-len -1 --id 01 --pin env:PIN --input-file /dev/stdin --output-file /dev/stdout"
      ),
    ])
  func `a key in a PKCS#11 token signs`(algorithm: String, command: String) throws {
    try makeKeys(algorithm)
    let tokens = folder.url.appending(path: "tokens")
    try FileManager.default.createDirectory(at: tokens, withIntermediateDirectories: true)
    let settings = folder.url.appending(path: "softhsm2.conf").path
    try Data("directories.tokendir = \(tokens.path)\nobjectstore.backend = file\n".utf8).write(
      to: URL(filePath: settings))
    let environment = ["SOFTHSM2_CONF": settings, "PIN": "1234"]
    try run("pkcs8", "-topk8", "-nocrypt", "-in", key, "-out", key + ".p8")
    for words in [
      ["--init-token", "--free", "--label", "desk", "--pin", "1234", "--so-pin", "5678"],
      ["--import", key + ".p8", "--token", "desk", "--label", "desk", "--id", "01", "--pin", "1234"],
    ] {
      let made = try CommandLineTool.run(
        words, environment: environment, program: URL(filePath: "/usr/bin/softhsm2-util"))
      #expect(made.status == 0, "\(made.errors)")
    }
    let signed = try sign(["--signer", command], environment: environment)
    #expect(signed.status == 0, "\(signed.errors)")
    #expect(try verify().contains(": trusted: "))
    let help = try CommandLineTool.run(["help", "credentials", "sign"]).output.split { $0.isWhitespace }
      .joined(separator: " ")
    #expect(help.contains(command), "\(help)")
  }

  @Test func `an interrupt ends the signer's command too`() throws {
    try makeKeys("es256")
    let file = folder.url.appending(path: "pid")
    let process = Process()
    process.executableURL = CommandLineTool.program
    process.currentDirectoryURL = TestPaths.root
    process.arguments = [
      "credentials", "sign", "fixtures/gallery/camera.jpg", "-o", folder.url.appending(path: "s.jpg").path,
      "--source", "captured", "--tool", "Camera", "--certificates", certificates, "--signer",
      "sh -c 'echo $$ > \(file.path).new; mv \(file.path).new \(file.path); exec sleep 3600'",
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    while process.isRunning, !FileManager.default.fileExists(atPath: file.path) { usleep(10_000) }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let text = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .newlines)
    let child = try #require(pid_t(text))
    // Left behind, it would live for an hour.
    for _ in 0..<6_000 where kill(child, 0) == 0 { usleep(10_000) }
    #expect(kill(child, 0) != 0)
  }

  @Test(arguments: [
    ("secp256k1", [], "its curve is secp256k1"), ("brainpoolP256r1", [], "its curve is brainpoolP256r1"),
    ("prime256v1", ["-param_enc", "explicit"], "written out in numbers"),
  ])
  func `a key on a curve that C2PA does not take is refused with the curve and with those that it takes`(
    curve: String, options: [String], words: String
  ) throws {
    try makeKeys("es256")
    let other = folder.url.appending(path: "other.key").path
    let made = try CommandLineTool.run(
      ["ecparam", "-name", curve, "-genkey", "-noout", "-out", other] + options,
      program: URL(filePath: openssl))
    #expect(made.status == 0, "\(made.errors)")
    let result = try sign(["--key", other])
    #expect(result.status == 1)
    #expect(
      result.errors.contains(words.replacingOccurrences(of: "its curve", with: "the private key's curve")))
    #expect(result.errors.contains("P-256, P-384, P-521 or Ed25519"))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
  func `Ctrl-C at the question for a passphrase ends it at once`() throws {
    try makeKeys("es256")
    let encrypted = folder.url.appending(path: "encrypted.key").path
    try run("pkcs8", "-topk8", "-in", key, "-out", encrypted, "-passout", "pass:a")
    let log = folder.url.appending(path: "log").path
    let command =
      "\(CommandLineTool.program.path) credentials sign fixtures/gallery/camera.jpg -o \(log).jpg --source captured "
      + "--tool Camera --certificates \(certificates) --key \(encrypted)"
    // The terminal makes an interrupt of the third letter; nobody presses Enter.
    // Its input stays open until it was interrupted, or until nobody expects that any more.
    let typed =
      "until grep -qs Passphrase \(log); do sleep 0.1; done; printf '\\003'; "
      + "for _ in $(seq 600); do grep -qs interrupted \(log) && exit; sleep 0.1; done; touch \(log).late"
    let words = "(\(typed)) | timeout 300 script -q -f -e -c '\(command)' \(log) > /dev/null"
    let result = try CommandLineTool.run(
      ["bash", "-c", "set -o pipefail; \(words) & wait $!"], program: URL(filePath: "/usr/bin/env"))
    let text = String(decoding: try Data(contentsOf: URL(filePath: log)), as: UTF8.self)
    #expect(text.contains("interrupted"), "\(result.status) \(text)")
    #expect(!FileManager.default.fileExists(atPath: log + ".late"))
  }

  @Test func `a command that does not sign, or for another, is an error and writes nothing`() throws {
    try makeKeys("es256")
    let target = folder.url.appending(path: "s.jpg").path
    for (command, words) in [
      ("false", "the signer's command ended with 1"), ("true", "which is no signature"),
      ("echo hello", "the certificate is not for this key"), ("no-such-program-here", "there is no program"),
    ] {
      let result = try sign(["--signer", command])
      #expect(result.status == 1 && result.errors.contains(words), "\(command): \(result.errors)")
      #expect(result.errors.contains("\n  fix: ") && !FileManager.default.fileExists(atPath: target))
    }
    let both = try sign(["--signer", "true", "--key", key])
    #expect(both.status == 64, "\(both.errors)")
    let neither = try CommandLineTool.run([
      "credentials", "sign", "fixtures/gallery/camera.jpg", "-o", target, "--source", "captured", "--tool",
      "C",
    ])
    #expect(neither.status == 64 && neither.errors.contains("--signer"), "\(neither.errors)")
  }
}
