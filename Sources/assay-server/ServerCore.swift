import Audits
import Console
import ContentCredentials
import Detectors
import Diagnostics
import Examiners
import Fingerprints
import Foundation
import Generators
import HummingbirdTLS
import ImageFormats
import Reports
import Scanning
import Services
import Synchronization

/// What was chosen at the start.
struct ServerSettings: Sendable {
  var host: String
  var port: Int
  var isLoopback: Bool
  /// The certificate's, or a proxy's before it, in small letters; with any, it answers to these and to loopback names.
  var names: Set<String>
  /// The first of them, as it was written.
  var firstName: String?
  /// Nil where every request is let in.
  var token: AccessToken?
  /// Nil where it speaks plain HTTP.
  var tls: TLSConfiguration?
  /// About the certificate.
  private var certificateWord: String?
  var workers: Int
  var queue: Int
  /// Bytes of one request.
  var maxBody: Int
  /// Bytes of all requests.
  var maxHeld: Int
  var perAddress: Int
  var limits: ReadLimits
  var operatorName: String?
  /// Whether the page Studio is all that visitors see.
  var isKiosk: Bool
  /// Pictures of one job.
  var jobPictures = 200

  /// - Throws: for a token's file that cannot be read or holds too little; as ``ServerTLS`` does.
  init(_ options: ServeOptions) throws {
    (host, port, isLoopback) = (options.host, options.port, options.isLoopback)
    names = Set(options.givenNames.map { $0.lowercased() })
    firstName = options.givenNames.first
    workers = options.workers ?? ProcessInfo.processInfo.activeProcessorCount
    queue = options.queue ?? 64 * workers
    maxBody = options.maxBody << 20
    maxHeld = options.maxHeld << 20
    perAddress = options.perAddress
    limits = .standard
    limits.maxPixels = options.maxPixels
    limits.maxFileBytes = maxBody
    operatorName = options.operatorName
    isKiosk = options.kiosk
    if let certificate = options.certificate, let key = options.key {
      (tls, certificateWord) = try ServerTLS.configuration(certificate: certificate, key: key)
    }
    guard let file = options.tokenFile else { return }
    let bytes = try ImageFile(path: RawArguments.path(file)).bytes
    let line = String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    let text = line.trimmingCharacters(in: .whitespaces)
    guard text.utf8.count >= 16, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw ServeError(
        "serve.token.short", "the file's first line is no token",
        remedy: "write 16 or more letters and digits into it, such as `openssl rand -hex 32` gives",
        location: FaultLocation(file: file))
    }
    token = AccessToken(text)
  }

  /// Whether it listens on every address of the machine.
  private var isEverywhere: Bool { host == "0.0.0.0" || host == "::" }

  /// What a person can open: nobody can open the address that stands for all.
  func url(port: Int) -> String {
    var name = isEverywhere ? (host == "::" ? "::1" : "127.0.0.1") : host
    // A certificate holds for names.
    if tls != nil, !isLoopback, let firstName { name = firstName }
    return "\(tls == nil ? "http" : "https")://\(name.contains(":") ? "[\(name)]" : name):\(port)"
  }

  /// What the person who starts it should know.
  func words(port: Int) -> [String] {
    var words = [certificateWord].compactMap(\.self)
    if isEverywhere {
      // With names it answers to no others, so that nobody's page can reach it by a name of its own.
      let others =
        names.isEmpty ? "the machine's name or address" : names.sorted().joined(separator: " or ") + " alone"
      words.append("it listens on all addresses of this machine; others open it by \(others), port \(port)")
    }
    if !isLoopback, tls == nil {
      words.append(
        "without TLS, whoever is on the way can read the token and the pictures: give --certificate and --key, "
          + "or put a reverse proxy with TLS before it")
    }
    return words
  }
}

typealias ServeError = LibraryError<ServerSettings>

/// What all requests share: who examines, who waits, what is held.
final class ServerCore: Sendable {
  let settings: ServerSettings
  let pool: WorkPool
  let budget: HeldBudget
  let addresses: AddressCounts
  let connections = ConnectionCounts()
  let jobs: JobStore
  let watchers = Watchers(limit: 1_000)
  let pages: Pages
  let text: ReportText
  let trust: TrustSettings
  let ledger: Ledger?
  let studio: Studio
  private let detectors: ChosenDetectors
  private let fingerprints: [Fingerprint]
  private let packs: [RulePack]
  private let scanners = Mutex<[Set<ExaminerKind>: FileScanner]>([:])
  private let ready = Atomic<Bool>(false)
  private let ending = Atomic<Bool>(false)

  init(_ options: ServeOptions, settings: ServerSettings, assets: Assets) throws {
    self.settings = settings
    text = try options.wording.map { try ReportText(path: $0) } ?? ReportText.english
    trust = try TrustStore().settingsOrNone(
      signers: (options.trust?.paths ?? []).map(RawArguments.path),
      timeStampers: (options.tsaTrust?.paths ?? []).map(RawArguments.path))
    detectors = try ChosenDetectors(options.detector?.paths ?? [])
    fingerprints = try options.fingerprints.map { try OwnFingerprints.read($0.paths) } ?? []
    packs = try AuditJob.usualPacks.map { try RulePackLibrary.pack(named: $0) }
    ledger = try options.ledger.map { try Ledger(path: $0) }
    pool = WorkPool(workers: settings.workers, limit: settings.queue)
    budget = HeldBudget(limit: settings.maxHeld)
    addresses = AddressCounts(limit: settings.perAddress)
    jobs = JobStore()
    studio = try Studio()
    pages = try Pages(
      text: text, assets: assets, asksForToken: settings.token != nil, hasLedger: ledger != nil,
      maxBody: settings.maxBody, maxPictures: settings.jobPictures, isKiosk: settings.isKiosk)
    let examiners = scanner(Set(ExaminerKind.allCases))
    // What the first picture needs is read while nobody waits.
    Task { [self] in
      _ = try? await pool.run(.background) { _ = examiners.scan(ImageFile(bytes: Self.sample)) }
      ready.store(true, ordering: .releasing)
    }
  }

  /// A white picture of 64 pixels, which makes every examiner read what it needs.
  private static let sample: [UInt8] =
    (try? ImageEncoder.png(
      .init(width: 64, height: 64, colorModel: .rgb, pixels: [UInt8](repeating: 200, count: 64 * 64 * 3))))
    ?? []

  /// Whether pictures are examined without a wait for weights, and it is not ending.
  var isReady: Bool { ready.load(ordering: .acquiring) && !isEnding }
  var isEnding: Bool { ending.load(ordering: .acquiring) }

  /// No more jobs are taken; those under way are finished.
  func end() { ending.store(true, ordering: .releasing) }

  /// Who examines, by what is looked at; each made once.
  func scanner(_ kinds: Set<ExaminerKind>) -> FileScanner {
    scanners.withLock { scanners in
      if let known = scanners[kinds] { return known }
      let judges = detectors.examiners()
      let scanner = FileScanner(
        examiners: ExaminerRegister.scan(
          kinds, trust: trust, fingerprints: fingerprints, detector: judges.own)
          + (kinds.contains(.detector) ? judges.foreign : []),
        limits: settings.limits)
      scanners[kinds] = scanner
      return scanner
    }
  }

  var fullScanner: FileScanner { scanner(Set(ExaminerKind.allCases)) }

  /// Begins a report on pictures of these names.
  func beginReport(on names: [String]) -> PictureReport.Making {
    let subject = text.joined(names)
    var header = ReportHeader(
      title: text.filled("audit.title", ["subject": subject]), question: text["audit.question"],
      time: Date().formatted(.iso8601), clock: "system",
      operatorName: settings.operatorName ?? text["particulars.notStated"], toolVersion: assayVersion,
      command: "assay serve",
      system: ProcessInfo.processInfo.operatingSystemVersionString,
      references: ReportBasis.references(trust, detectors: detectors))
    header.build = ReportBasis.program
    return PictureReport(
      packs: packs, header: header, text: text, trust: trust, fingerprints: fingerprints, detector: detectors,
      limits: settings.limits
    ).begin()
  }
}

/// How many requests each address has under way.
final class AddressCounts: Sendable {
  private let limit: Int
  private let counts = Mutex<[String: Int]>([:])

  init(limit: Int) { self.limit = limit }

  /// One request of an address; it is given back when nobody holds it.
  final class Place: Sendable {
    private let all: AddressCounts
    private let address: String
    fileprivate init(_ all: AddressCounts, _ address: String) { (self.all, self.address) = (all, address) }
    deinit { all.leave(address) }
  }

  /// Nil where the address has too many.
  func enter(_ address: String) -> Place? {
    let isAllowed = counts.withLock { counts in
      let count = counts[address] ?? 0
      guard count < limit else { return false }
      counts[address] = count + 1
      return true
    }
    return isAllowed ? Place(self, address) : nil
  }

  private func leave(_ address: String) {
    counts.withLock { counts in
      let count = (counts[address] ?? 1) - 1
      counts[address] = count > 0 ? count : nil
    }
  }
}

/// How many streams of events there are.
final class Watchers: Sendable {
  private let limit: Int
  fileprivate let count = Atomic<Int>(0)

  init(limit: Int) { self.limit = limit }

  var now: Int { count.load(ordering: .relaxed) }

  /// One of them; it is given back when nobody holds it.
  final class Place: Sendable {
    private let all: Watchers
    fileprivate init(_ all: Watchers) { self.all = all }
    deinit { all.count.wrappingSubtract(1, ordering: .relaxed) }
  }

  /// Nil where there are too many.
  func enter() -> Place? {
    let place = Place(self)
    return count.wrappingAdd(1, ordering: .relaxed).newValue <= limit ? place : nil
  }
}
