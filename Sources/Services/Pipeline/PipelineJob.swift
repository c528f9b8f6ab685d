public import Audits
public import ContentCredentials
import Diagnostics
import Examiners
import Foundation
public import ImageFormats
import Images
public import Reports
import Scanning

/// An audit of a command: it gets pictures with every mark of origin that Assay writes, and what it makes of them is
/// read and judged.
///
/// Of given pictures the pixels alone go in, marked and signed anew by a key that is made for the run and trusted in
/// it; their own metadata do not. Without pictures three drawings stand in, one each as JPEG, PNG and WebP. Each run
/// has a folder of its own, which only the user can read and which is removed at the end, whatever happens.
public struct PipelineJob: Sendable {
  public var command: PipelineCommand
  /// Files and folders; empty: drawings.
  public var pictures: [FilePath]
  /// The ending of the file that the command is to write; nil: that of its picture.
  public var outputEnding: String?
  public var packs: [RulePack]
  public var project: ProjectManifest?
  /// Facts of the domain `report`.
  public var report: Facts
  public var trust: TrustSettings
  /// How many of the outputs that need attention get pictures.
  public var pictureLimit: Int

  public init(
    command: PipelineCommand, pictures: [FilePath] = [], outputEnding: String? = nil, packs: [RulePack],
    project: ProjectManifest? = nil, report: Facts = Facts(), trust: TrustSettings = TrustSettings(),
    pictureLimit: Int = 0
  ) {
    self.command = command
    self.pictures = pictures
    self.outputEnding = outputEnding
    self.packs = packs
    self.project = project
    self.report = report
    self.trust = trust
    self.pictureLimit = pictureLimit
  }

  /// What happens on the way.
  public enum Event: Sendable {
    /// How many pictures there are; before the first.
    case counted(Int)
    /// The command ran on one more.
    case ran(PipelineFindings.Run)
  }

  /// What came of it.
  public struct Outcome: Sendable {
    /// Of the outputs, under the names of the pictures.
    public var audit: Audit
    public var findings: PipelineFindings
    /// Pictures of outputs that need attention, by name.
    public var pictures: [String: [ReportPicture]] = [:]
    /// Whether the task was cancelled before all was run.
    public var wasInterrupted = false
  }

  private struct Sample: Sendable {
    let name: String
    let format: ImageFormat
    /// Upright, without metadata.
    let image: @Sendable () throws -> Image
  }

  /// - Parameter notify: called in the order of the pictures.
  /// - Throws: `AuditError` `pipeline.pictures` where the paths hold none, `pipeline.folder` where there is no room
  ///   for the run's files; what making a key throws.
  public func run(_ notify: (Event) -> Void = { _ in }) async throws -> Outcome {
    let samples = try self.samples()
    notify(.counted(samples.count))
    let now = Date(timeIntervalSince1970: Double(trust.now))
    let (signer, root) = try Self.signer(now)
    var settings = trust
    settings.signers.add(root)
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }

    // Pipelines scale: the watermark is looked for at every scale and angle before it is called gone.
    let examiners = ExaminerRegister.audit(trust: settings).map { examiner -> any Examiner in
      examiner is WatermarkExaminer ? WatermarkExaminer(effort: .firstMark) : examiner
    }
    let scanner = FileScanner(examiners: examiners)
    var before = Auditor(packs: packs, project: project)
    var after = Auditor(packs: packs, project: project, report: report)
    let judge = after
    let shelf = PictureShelf(limit: pictureLimit, scanner: scanner, judge: judge.judge)
    var runs: [PipelineFindings.Run] = []
    var paths: [FilePath] = []
    for (number, sample) in samples.enumerated() {
      guard !Task.isCancelled else { break }
      let place = folder.appending(path: String(number + 1))
      let tried = await attempt(sample, number + 1, signer, now, scanner, in: place)
      guard tried.ending != .cancelled else { break }
      before.add(tried.before)
      let early = tried.examination.flatMap { shelf.offer(tried.after, $0, path: tried.path) }
      after.add(tried.after, early: early)
      paths.append(tried.path)
      runs.append(tried.run)
      // Hundreds of large pictures need not lie there at once.
      try? FileManager.default.removeItem(at: place)
      notify(.ran(tried.run))
    }
    let audit = after.finish()
    for (index, (old, new)) in zip(before.finish().items, audit.items).enumerated()
    where runs[index].outputFormat != nil {
      runs[index].lostRules = zip(old.judgements, new.judgements).compactMap { old, new in
        old.gravity == nil && new.gravity != nil ? new.rule : nil
      }
    }
    var outcome = Outcome(
      audit: audit,
      findings: PipelineFindings(
        command: command.text, usedShell: command.usesShell, timeLimit: command.timeLimit, runs: runs),
      wasInterrupted: Task.isCancelled)
    for index in audit.attention.prefix(pictureLimit) {
      outcome.pictures[audit.items[index].file] = shelf.pictures(of: paths[index])
    }
    return outcome
  }

  // MARK: Samples

  /// - Throws: ``AuditError`` `pipeline.pictures`.
  private func samples() throws(AuditError) -> [Sample] {
    guard !pictures.isEmpty else {
      return [ImageFormat.jpeg, .png, .webp].enumerated().map { number, format in
        Sample(name: "drawing-\(number + 1).\(Self.ending(format))", format: format) {
          SampleDrawing.image(number + 1)
        }
      }
    }
    let samples = FileWalk(pictures).map { path in
      let ending = path.fileExtension ?? ""
      let known = [ImageFormat.jpeg, .webp].first { $0.fileExtensions.contains(ending) }
      // What Assay cannot write its marks into becomes a PNG.
      return Sample(name: path.display, format: known ?? .png) {
        let decoded = try ImageFile(path: path).decode()
        return decoded.image.oriented(decoded.orientation)
      }
    }
    guard !samples.isEmpty else {
      throw AuditError(
        code: "pipeline.pictures", message: "there are no pictures in what was named",
        remedy: "name pictures or folders with pictures, or none for drawings")
    }
    return samples
  }

  private static func ending(_ format: ImageFormat) -> String {
    switch format {
    case .jpeg: "jpg"
    case .webp: "webp"
    default: "png"
    }
  }

  /// A signer whose key lasts as long as the run, and its root.
  private static func signer(_ now: Date) throws -> (ManifestSigner, TrustList) {
    let organization = "Assay sample, made for one run"
    let authority = try LocalAuthority(organization: organization, now: now)
    let (key, certificate) = try authority.issue(
      .es256, organization: organization, commonName: "Assay sample key", now: now)
    let signer = ManifestSigner(try SigningCredential(key: key, certificatesPEM: certificate))
    return (signer, try TrustList(pem: authority.certificatePEM, name: "the run's own root"))
  }

  /// - Throws: ``AuditError`` `pipeline.folder`.
  private static func folder() throws(AuditError) -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "assay-pipeline-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    } catch {
      throw AuditError(
        code: "pipeline.folder", location: FaultLocation(file: folder.path),
        message: "the folder for the run's files cannot be made", remedy: "check TMPDIR and the free space",
        cause: error)
    }
    return folder
  }

  // MARK: Runs

  fileprivate struct Attempt {
    var run: PipelineFindings.Run
    var ending: PipelineCommand.Ending?
    /// The marked sample's, and the output's.
    var before: ScanResult
    var after: ScanResult
    var examination: Examination?
    var path: FilePath
  }

  private func attempt(
    _ sample: Sample, _ number: Int, _ signer: ManifestSigner, _ now: Date, _ scanner: FileScanner,
    in folder: URL
  ) async -> Attempt {
    let input = folder.appending(path: "in.\(Self.ending(sample.format))")
    let wanted = outputEnding ?? Self.ending(sample.format)
    let output = command.writesOutput ? folder.appending(path: "out.\(wanted)") : input
    let unread = ScanResult(file: sample.name, outcome: .unreadable)
    var attempt = Attempt(
      run: .init(file: sample.name, format: sample.format.rawValue), before: unread, after: unread,
      path: FilePath(output.path))
    let marked: MarkedSample
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      marked = try MarkedSample(
        try sample.image(), number: number, as: sample.format, signer: signer, now: now)
      try writeAtomically(marked.bytes, to: FilePath(input.path), overwrite: false)
    } catch {
      let told = error as? any DiagnosableError
      attempt.fail(
        "sample", "the picture cannot be marked: \(told?.message ?? error.localizedDescription)",
        told?.remedy ?? "check the free space", [])
      return attempt
    }
    let (start, examination) = scanner.examine(ImageFile(bytes: marked.bytes, name: input.path))
    attempt.before = start.result
    // What cannot be read before the command cannot be lost by it.
    let carried = marked.findings(in: start.result, examination).filter { $0.state == .survives }.map(\.mark)
    let ending = await command.run(input: input, output: output, in: folder)
    attempt.ending = ending
    guard attempt.accept(ending, of: command, carried) else { return attempt }
    guard Self.isFile(output) else {
      let others = Self.others(in: folder, than: [input, output])
      let seen = others.isEmpty ? "" : "; it wrote \(others.joined(separator: ", "))"
      attempt.fail(
        "output", "the command ended well and wrote no \(output.lastPathComponent)\(seen)",
        "write the picture to {out}; leave {out} away where {in} is changed in its place", carried)
      return attempt
    }
    let (end, read) = scanner.examine(FilePath(output.path))
    attempt.after = end.result
    attempt.after.file = sample.name
    attempt.examination = read
    attempt.run.outputFormat = end.result.format
    if let error = end.result.error {
      attempt.fault("unreadable", "the output cannot be read: \(error.message)", error.remedy)
    } else if let format = read?.file.format, !format.fileExtensions.contains(wanted.lowercased()) {
      attempt.fault(
        "format", "the output is \(format.rawValue), and its name ends in .\(wanted)",
        "let the command write the format of the name, or name the format that it writes")
    }
    attempt.run.marks = marked.findings(in: end.result, read).filter { carried.contains($0.mark) }
    if read?.file.format == nil { attempt.run.marks = carried.map { .init($0, .unknown) } }
    return attempt
  }

  /// Whether it is a file of its own with something in it; a link would lead out of the folder.
  private static func isFile(_ url: URL) -> Bool {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path) else { return false }
    return attributes[.type] as? FileAttributeType == .typeRegular && (attributes[.size] as? Int ?? 0) > 0
  }

  /// At most five names of what a command left beside what it was asked for.
  private static func others(in folder: URL, than known: [URL]) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let expected = Set(known.map(\.lastPathComponent) + ["errors.txt"])
    return Array(names.filter { !expected.contains($0) }.sorted().prefix(5))
  }
}

extension PipelineJob.Attempt {
  /// Writes down why there is nothing to read.
  fileprivate mutating func fail(
    _ code: String, _ message: String, _ remedy: String, _ carried: [PipelineFindings.Mark]
  ) {
    fault(code, message, remedy)
    run.marks = carried.map { .init($0, .unknown) }
    after.error = ScanResult.Failure(code: "pipeline.\(code)", message: message, remedy: remedy)
  }

  fileprivate mutating func fault(_ code: String, _ message: String, _ remedy: String) {
    run.fault = .init(code: "pipeline.\(code)", message: message, remedy: remedy)
  }

  /// Whether the command ended well; writes down how else it ended.
  fileprivate mutating func accept(
    _ ending: PipelineCommand.Ending, of command: PipelineCommand, _ carried: [PipelineFindings.Mark]
  ) -> Bool {
    func with(_ said: String?) -> String { said.map { ": \($0)" } ?? " and said nothing" }
    switch ending {
    case .done: return true
    case .failed(let status, let said):
      fail(
        "status", "the command ended with exit code \(status)\(with(said))",
        "try it on a picture by hand; it runs in a folder of its own, so give other files by their whole paths",
        carried)
    case .stopped(let signal, let said):
      fail(
        "status", "signal \(signal) ended the command\(with(said))", "try it on a picture by hand", carried)
    case .overTime:
      fail(
        "time", "the command was stopped after \(String(format: "%g", command.timeLimit)) seconds",
        "give it more time, or smaller pictures", carried)
    case .cancelled: break
    case .notStarted(let reason):
      fail(
        "start", "the command cannot be started: \(reason)", "check the program and its permissions", carried)
    }
    return false
  }
}
