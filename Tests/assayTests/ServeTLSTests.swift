import Foundation
import TestSupport
import Testing

private let openssl = "/usr/bin/openssl"

/// `assay serve --certificate --key`, with certificates that each test makes for itself.
@Suite(
  .serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: openssl), "skipped: no openssl"))
struct ServeTLSTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
    try run(
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
      path("key.pem"), "-out", path("cert.pem"), "-days", "90", "-subj", "/CN=localhost", "-addext",
      "subjectAltName=DNS:localhost,IP:127.0.0.1")
    try Data("\(ServedAssay.token)\n".utf8).write(to: folder.url.appending(path: "token"))
  }

  private func path(_ name: String) -> String { folder.url.appending(path: name).path }

  private func run(_ words: String...) throws {
    let result = try CommandLineTool.run(words, program: URL(filePath: openssl))
    #expect(result.status == 0, "\(words): \(result.errors)")
  }

  /// Another program's view: Python's, which trusts this certificate alone and asks for the name.
  private func ask(_ url: String, _ method: String, _ target: String, _ more: String = "None, {}") throws
    -> CommandLineTool.Outcome
  {
    let port = url.split(separator: ":").last.map(String.init) ?? ""
    return try CommandLineTool.run(
      [
        "python3", "-c",
        """
        import http.client, ssl, sys
        context = ssl.create_default_context(cafile=sys.argv[1])
        client = http.client.HTTPSConnection("localhost", int(sys.argv[2]), context=context, timeout=60)
        client.request(sys.argv[3], sys.argv[4], *eval(sys.argv[5]))
        answer = client.getresponse()
        print(answer.status, client.sock.version() if client.sock else "", answer.read().decode()[:2000])
        """, path("cert.pem"), port, method, target, more,
      ], program: URL(filePath: "/usr/bin/env"))
  }

  @Test func `over TLS it answers as without, and survives who speaks something else`() throws {
    let server = try ServedAssay([
      "--certificate", path("cert.pem"), "--key", path("key.pem"), "--token-file", path("token"), "--host",
      "0.0.0.0", "--names", "Localhost,desk.example",
    ])
    #expect(server.url == "https://Localhost:\(server.port)")
    #expect(!server.log.contains("without TLS") && !server.log.contains("the certificate"))
    let health = try ask(server.url, "GET", "/healthz")
    #expect(health.output.hasPrefix("200 ") && health.output.contains("ok"), "\(health)")
    #expect(try ask(server.url, "POST", "/api/v1/scan", "b'x', {}").output.hasPrefix("401 "))
    let file = TestPaths.fixtures.appending(path: "gallery/google-edited.jpg").path
    let scan = try ask(
      server.url, "POST", "/api/v1/scan?only=provenance",
      "open('\(file)', 'rb').read(), {'Authorization': 'Bearer \(ServedAssay.token)'}")
    #expect(scan.output.hasPrefix("200 ") && scan.output.contains("aiDeclared"), "\(scan)")
    // Plain HTTP, and bytes of no protocol, have no answer that is HTTP's 200.
    for words in ["GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "\u{16}\u{3}\u{1}nonsense", ""] {
      let connection = try server.opened(Array(words.utf8))
      close(connection)
    }
    #expect(try server.raw(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))?.status != 200)
    #expect(try ask(server.url, "GET", "/healthz").output.hasPrefix("200 "))
    // Nobody speaks a version that was given up.
    let old = try CommandLineTool.run(
      ["s_client", "-connect", "127.0.0.1:\(server.port)", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
      program: URL(filePath: openssl))
    #expect(old.status != 0)
    #expect(!server.log.contains(ServedAssay.token) && !server.log.contains("PRIVATE"))
  }

  @Test func `a key or a certificate that will not do is an error with its way out`() throws {
    try run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path("other.pem"))
    try run("pkey", "-in", path("key.pem"), "-aes256", "-passout", "pass:word", "-out", path("locked.pem"))
    try FileManager.default.copyItem(atPath: path("key.pem"), toPath: path("open.pem"))
    for name in ["other.pem", "locked.pem"] {
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path(name))
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path("open.pem"))
    for (certificate, key, words) in [
      ("cert.pem", "other.pem", "the key does not belong to the first certificate"),
      ("cert.pem", "locked.pem", "the key is locked with a passphrase"),
      ("cert.pem", "open.pem", "everybody on this machine can read or change the key (mode 644)"),
      ("cert.pem", "token", "everybody on this machine can read or change the key"),
      ("key.pem", "key.pem", "the file holds no certificate in PEM"),
      ("cert.pem", "missing.pem", "missing.pem"), ("missing.pem", "key.pem", "missing.pem"),
    ] {
      let result = try CommandLineTool.run([
        "serve", "--port", "0", "--certificate", path(certificate), "--key", path(key),
      ])
      #expect(result.status == 1 && result.errors.contains(words), "\(result.errors)")
      #expect(result.errors.contains("\n  fix: ") && !result.errors.contains("BEGIN EC"), "\(result.errors)")
    }
    #expect(try CommandLineTool.run(["serve", "--certificate", path("cert.pem")]).status == 64)
  }

  @Test func `a certificate whose time is over is spoken of`() throws {
    let settings = """
      [ca]
      default_ca = d
      [d]
      new_certs_dir = \(folder.url.path)
      database = \(path("index.txt"))
      serial = \(path("serial"))
      default_md = sha256
      policy = p
      [p]
      commonName = supplied
      """
    try Data(settings.utf8).write(to: folder.url.appending(path: "ca.cnf"))
    try Data().write(to: folder.url.appending(path: "index.txt"))
    try Data("01\n".utf8).write(to: folder.url.appending(path: "serial"))
    try run("req", "-new", "-key", path("key.pem"), "-subj", "/CN=localhost", "-out", path("request.csr"))
    try run(
      "ca", "-batch", "-selfsign", "-config", path("ca.cnf"), "-keyfile", path("key.pem"), "-in",
      path("request.csr"), "-out", path("old.pem"), "-startdate", "20200101000000Z", "-enddate",
      "20210101000000Z", "-notext")
    let server = try ServedAssay(["--certificate", path("old.pem"), "--key", path("key.pem")])
    #expect(server.url.hasPrefix("https://127.0.0.1:"))
    while !server.log.contains("the certificate ended on 2021-01-01") { usleep(20_000) }
    let refused = try ask(server.url, "GET", "/healthz")
    #expect(refused.status != 0 && refused.output.isEmpty)
  }
}
