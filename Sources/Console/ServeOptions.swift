public import ArgumentParser
import Foundation
import ImageFormats

/// What `assay serve` and the program behind it take: one list, so that help, manual and completions say what is true.
public struct ServeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The address to listen on. Any but the machine's own loopback needs --token-file.", valueName: "address"
    ))
  public var host = "127.0.0.1"

  @Option(help: ArgumentHelp("The port to listen on; 0 for one that is free.", valueName: "n"))
  public var port = 8484

  @Option(
    help: ArgumentHelp(
      "A file whose first line, 16 characters or more, is the token that every request has to show.",
      valueName: "file"))
  public var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "Speak TLS with this certificate: PEM, the server's own first, then those that lead to its root.",
      valueName: "pem"))
  public var certificate: String?

  @Option(
    help: ArgumentHelp(
      "The certificate's private key that signs, PEM without a passphrase, which others must not be able to read.",
      valueName: "pem"))
  public var key: String?

  @Option(
    help: ArgumentHelp(
      "Names that it answers to beside loopback's, separated by commas: the certificate's, or those that a reverse proxy passes on as Host; needs --token-file.",
      valueName: "names"))
  public var names: String?

  @Option(help: ArgumentHelp("Files examined at once; all cores by default.", valueName: "n"))
  public var workers: Int?

  @Option(
    help: ArgumentHelp(
      "Requests that may wait for a worker; beyond them, and where the wait is estimated above 10 seconds, the answer is 503. (default: 64 for each worker)",
      valueName: "n"))
  public var queue: Int?

  @Option(help: ArgumentHelp("MiB that one request may have.", valueName: "n"))
  public var maxBody = 64

  @Option(
    help: ArgumentHelp("MiB of pictures and answers that are held at once for all requests.", valueName: "n"))
  public var maxHeld = 1024

  @Option(help: ArgumentHelp("Refuse pictures with more pixels.", valueName: "n"))
  public var maxPixels = ReadLimits.standard.maxPixels

  @Option(
    help: ArgumentHelp(
      "Requests that one address may have under way, streams of events and answers that it has not read to the end among them; the machine's own, which is also a proxy's on it, is not counted.",
      valueName: "n"))
  public var perAddress = 32

  @Option(
    help: ArgumentHelp(
      "A ledger that visitors may enter results into; without one nothing is kept.", valueName: "sqlite"))
  public var ledger: String?

  @Option(
    name: .customLong("operator"),
    help: ArgumentHelp("Who makes the examinations; stands in reports and in the ledger.", valueName: "name"))
  public var operatorName: String?

  @Option(
    help: ArgumentHelp(
      "Anchors of signers, PEM files separated by commas. 'none' trusts nobody. (default: C2PA's list and those of the user's folder)",
      valueName: "pem"))
  public var trust: PathList?

  @Option(
    help: ArgumentHelp("Anchors of time-stamp authorities, PEM files separated by commas.", valueName: "pem"))
  public var tsaTrust: PathList?

  @Option(
    help: ArgumentHelp(
      "Weights of the detector (default: the shipped ones), and models of others in ONNX, separated by commas.",
      valueName: "files"))
  public var detector: PathList?

  @Option(
    help: ArgumentHelp(
      "Look for these too: fingerprints that `fingerprint learn` wrote, separated by commas.",
      valueName: "files"))
  public var fingerprints: PathList?

  @Option(help: ArgumentHelp("Labels and sentences of reports and pages, JSON.", valueName: "json"))
  public var wording: String?

  @Flag(
    help:
      "Give visitors the studio alone: the whole screen, nothing to type or to save, as new after a minute alone."
  )
  public var kiosk = false

  @Flag(help: "Print one JSON object when it listens: address and process.")
  public var json = false

  public init() {}

  /// The text of the help below the abstract.
  public static let discussion = """
    A page for people at the printed address, and an API for programs that /openapi.json describes. Pictures are \
    examined in memory and forgotten with the answer; the log holds neither names nor pictures. It listens on \
    127.0.0.1 and answers to loopback names only, so that no page of another site reaches it. Another --host needs \
    --token-file: programs send 'Authorization: Bearer TOKEN', people type the token into the page. Over a network the \
    token and the pictures are readable without TLS: give --certificate and --key (TLS 1.2 and 1.3), or put a reverse \
    proxy with a certificate before it that passes Host on. --names tells what stands there. Both files are read once: \
    after a renewal, start it anew.

    What is more than --queue is answered with 503 and Retry-After. SIGTERM and Ctrl-C end it: what runs is finished.

    EXAMPLES
      assay serve
      assay serve --port 9000 --ledger desk.sqlite --operator "M. Weber"
      assay serve --kiosk & chromium --kiosk http://127.0.0.1:8484
      assay serve --host 0.0.0.0 --token-file token.txt --certificate fullchain.pem --key key.pem --names desk.example
      curl --data-binary @photo.jpg http://127.0.0.1:8484/api/v1/scan
    """

  /// Whether nobody but this machine reaches the address.
  public var isLoopback: Bool { host == "localhost" || host == "::1" || Self.isLoopbackNumber(host) }

  /// `127.x.y.z` in numbers; a name that begins so may lead anywhere.
  public static func isLoopbackNumber(_ text: some StringProtocol) -> Bool {
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  public func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port is 0...65535") }
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1") }
    guard queue ?? 0 >= 0 else { throw ValidationError("--queue must be at least 0") }
    guard (1...4096).contains(maxBody) else { throw ValidationError("--max-body is 1...4096") }
    guard maxHeld >= maxBody else { throw ValidationError("--max-held must be at least --max-body") }
    guard maxPixels >= 1 else { throw ValidationError("--max-pixels must be at least 1") }
    guard perAddress >= 1 else { throw ValidationError("--per-address must be at least 1") }
    if let fault = Self.hostFault(host) { throw ValidationError(fault) }
    guard isLoopback || tokenFile != nil else {
      throw ValidationError(
        "--host \(host) is reached by others: name a --token-file, and a --certificate with its --key, or put a reverse proxy with TLS before it"
      )
    }
    guard (certificate == nil) == (key == nil) else {
      throw ValidationError("--certificate and --key go together")
    }
    guard names == nil || tokenFile != nil else {
      throw ValidationError("--names are for what others reach: name a --token-file too")
    }
    guard names == nil || !givenNames.isEmpty else { throw ValidationError("--names holds no name") }
    if let fault = givenNames.lazy.compactMap(Self.nameFault).first { throw ValidationError(fault) }
  }
}
