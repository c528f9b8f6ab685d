import ArgumentParser
import Console
import ContentCredentials
import Diagnostics
import Foundation
import ImageFormats
import Services

/// Who signs: a key in a file, or a command for those who keep no bare key.
struct SigningKeyOptions: ParsableArguments {
  @Option(
    help:
      "The private key that signs, PEM; `assay credentials keys` makes one. See `assay help credentials sign` for encrypted keys."
  )
  var key: String?

  @Option(help: "The signer's certificates, PEM, leaf first.")
  var certificates: String?

  @Option(
    help: ArgumentHelp(
      "A command that signs in the place of --key: bytes on its standard input, the signature on its output.",
      valueName: "command"))
  var signer: String?

  @Option(help: ArgumentHelp("A file whose first line is the key's passphrase.", valueName: "file"))
  var passphraseFile: String?

  /// What `credentials sign` tells of keys; the others point to it.
  static let discussion = """
    An encrypted key (openssl pkcs8 -topk8) takes its passphrase from --passphrase-file, from the variable \
    ASSAY_KEY_PASSPHRASE, or asks for it on the terminal. No option takes the passphrase itself: others would see it \
    in the list of processes. Programs that assay starts do not get the variable.

    --signer runs a command without a shell, for keys in a token or a service. It gets the bytes to be signed on \
    standard input (not their digest) and writes the signature alone to standard output, in binary: ECDSA in DER or as \
    two numbers side by side, RSA as PSS with a salt as long as the hash, Ed25519 as its 64 bytes. ASSAY_ALGORITHM in \
    its environment names the algorithm, such as es256. It is run twice, the first time to see that it fits the \
    certificate, and has a minute each time. It cannot ask for a PIN on the terminal: give it by an environment variable \
    of your own or a file. PKCS#11 is reached through such a command only.

      --signer 'openssl dgst -sha256 -sign signer.key'
      RSA in a token: --signer "pkcs11-tool --module /usr/lib/softhsm/libsofthsm2.so --sign --mechanism \
    SHA256-RSA-PKCS-PSS --salt-len -1 --id 01 --pin env:PIN --input-file /dev/stdin --output-file /dev/stdout"
      ECDSA in one: --signer "sh -c 'openssl dgst -sha256 -binary | pkcs11-tool --module \
    /usr/lib/softhsm/libsofthsm2.so --sign --mechanism ECDSA --signature-format openssl --id 01 --pin env:PIN'"
    """

  func validate() throws {
    guard key == nil || signer == nil else { throw ValidationError("give --key or --signer, not both") }
    guard (key == nil && signer == nil) == (certificates == nil) else {
      throw ValidationError("--certificates goes together with --key or --signer")
    }
    guard passphraseFile == nil || key != nil else { throw ValidationError("--passphrase-file is for --key") }
  }

  /// The key and its certificates; errors name the file.
  ///
  /// - Parameter algorithm: one of ``SigningAlgorithm``.
  /// - Returns: nil where neither key nor command is named.
  func credential(algorithm: String? = nil) throws -> SigningCredential? {
    guard let certificates else { return nil }
    func text(_ path: String) throws -> String {
      String(decoding: try ImageFile(path: RawArguments.path(path)).bytes, as: UTF8.self)
    }
    let chain = try text(certificates)
    let algorithm = algorithm.flatMap { SigningAlgorithm(rawValue: $0) }
    let read: SigningKey
    if let key {
      var keyText = try text(key)
      if EncryptedKey.isEncrypted(keyText) {
        let passphrase = try passphrase(of: key)
        keyText = try CredentialError.at(key) { try EncryptedKey.decrypted(keyText, passphrase: passphrase) }
      }
      read = try CredentialError.at(key) { try SigningKey(pem: keyText, algorithm: algorithm) }
    } else if let signer {
      let command = try SignerCommand(signer)
      read = try CredentialError.at(certificates) {
        try command.key(certificatesPEM: chain, algorithm: algorithm)
      }
    } else {
      return nil
    }
    return try CredentialError.at(certificates) { try SigningCredential(key: read, certificatesPEM: chain) }
  }

  /// From the file, the environment, or whoever sits at the terminal.
  private func passphrase(of key: String) throws -> String {
    if let passphraseFile {
      let bytes = try ImageFile(path: RawArguments.path(passphraseFile)).bytes
      let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
      return String(decoding: line, as: UTF8.self)
    }
    if let given = KeyPassphrase.given { return given }
    if let typed = Terminal.secret("Passphrase of \(TerminalText.escaping(key)): ") { return typed }
    throw InputError(
      code: "key.passphrase", location: FaultLocation(file: key),
      message: "the private key is encrypted, and no passphrase was given",
      remedy: "set ASSAY_KEY_PASSPHRASE, or name a file that holds it with --passphrase-file")
  }
}

/// The passphrase that the environment holds, taken out of it: programs that this one starts inherit the rest.
enum KeyPassphrase {
  /// To be asked for once before anything is started, and before there are other threads.
  static let given: String? = {
    let name = "ASSAY_KEY_PASSPHRASE"
    let given = ProcessInfo.processInfo.environment[name]
    // SAFETY: the name is read within the call, and nothing else runs yet that could read the environment.
    unsafe unsetenv(name)
    return given
  }()
}

extension CredentialError {
  /// Runs what reads or signs a file, and names the file in its errors.
  static func at<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as CredentialError { throw error.at(file: path) }
  }
}
