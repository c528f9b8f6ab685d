import Audits
import Foundation
import ImageFormats
import Images
import Reports
import Scanning
import Services
import TestSupport
import Testing

/// A command on marked pictures, with programs that every system has.
struct PipelineTests {
  typealias Findings = PipelineFindings

  /// A folder that is removed with its content.
  final class Scratch: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "assay-test-\(UUID().uuidString)")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func script(_ text: String) throws -> String {
      let path = url.appending(path: "tool with blanks.sh").path
      try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      return path
    }
  }

  static let drawing: Image = {
    var pixels: [UInt8] = []
    for y in 0..<256 {
      for x in 0..<320 {
        let wave = abs(x * 5 % 64 - 32)
        let value = 90 + wave + abs(y * 7 % 48 - 24)
        for c in 0..<3 { pixels.append(UInt8(value + 20 * c)) }
      }
    }
    return Image(width: 320, height: 256, colorModel: .rgb, pixels: pixels)
  }()

  /// Runs a command on one picture, small for speed.
  static func outcome(
    _ command: String, ending: String = "png", shell: Bool = false, timeLimit: Double = 60,
    outputEnding: String? = nil
  ) async throws -> PipelineJob.Outcome {
    let scratch = try Scratch()
    // It is removed when nobody needs it any more.
    defer { withExtendedLifetime(scratch) {} }
    let picture = scratch.url.appending(path: "a.\(ending)").path
    let bytes =
      switch ending {
      case "jpg": try ImageEncoder.jpeg(drawing, quality: 95)
      case "webp": try ImageEncoder.webpLossless(drawing)
      default: try ImageEncoder.png(drawing)
      }
    try writeAtomically(bytes, to: picture, overwrite: false)
    let job = PipelineJob(
      command: try PipelineCommand(command, usesShell: shell, timeLimit: timeLimit),
      pictures: [FilePath(picture)], outputEnding: outputEnding,
      packs: try ["eu", "c2pa", "iptc"].map { try RulePackLibrary.pack(named: $0) })
    return try await job.run()
  }

  private static func states(_ run: Findings.Run) -> [Findings.Mark: Findings.State] {
    Dictionary(run.marks.map { ($0.mark, $0.state) }, uniquingKeysWith: { first, _ in first })
  }

  // MARK: Marks

  @Test(arguments: ["png", "jpg", "webp"])
  func `a copy keeps every mark that the format takes`(ending: String) async throws {
    let outcome = try await Self.outcome("cp {in} {out}", ending: ending)
    let run = try #require(outcome.findings.runs.first)
    #expect(run.fault == nil)
    var expected = Set(Findings.Mark.allCases)
    if ending != "jpg" { expected.remove(.credit) }
    if ending != "png" { expected.remove(.text) }
    #expect(Set(run.marks.map(\.mark)) == expected)
    #expect(run.marks.allSatisfy { $0.state == .survives }, "\(run.marks)")
    #expect(run.lostRules.isEmpty)
    #expect(!outcome.findings.losesMarks)
    let scan = try #require(outcome.audit.items.first?.scan)
    #expect(scan.outcome == .aiGeneratedVerified, "the run's own key is trusted in it")
    #expect(scan.file == run.file)
  }

  @Test func `a byte behind the picture leaves the credentials invalid and the rest as it was`() async throws
  {
    let outcome = try await Self.outcome("cat {in} > {out}; printf x >> {out}", ending: "jpg", shell: true)
    let run = try #require(outcome.findings.runs.first)
    let states = Self.states(run)
    #expect(states[.credentials] == .invalid)
    #expect(states.filter { $0.key != .credentials }.values.allSatisfy { $0 == .survives }, "\(states)")
    #expect(!run.lostRules.isEmpty)
    #expect(outcome.findings.usedShell)
  }

  /// Overwrites the chunks' names, so that a PNG has neither texts nor EXIF nor a store any more.
  @Test func `what is taken out is gone, and the watermark in the pixels stays`() async throws {
    let scratch = try Scratch()
    // It is removed when nobody needs it any more.
    defer { withExtendedLifetime(scratch) {} }
    let tool = try scratch.script(
      #"LC_ALL=C sed -e 's/iTXt/xxXx/g; s/eXIf/xxXx/g; s/caBX/xxXx/g' "$1" > "$2""#)
    let outcome = try await Self.outcome("'\(tool)' {in} {out}")
    let run = try #require(outcome.findings.runs.first)
    let states = Self.states(run)
    #expect(states[.watermark] == .survives)
    #expect(states[.sourceType] == .gone && states[.text] == .gone)
    // A store and a block of EXIF are known by their first bytes, whatever the chunk is called.
    #expect(states[.credentials] == .invalid && states[.software] == .survives)
    #expect(outcome.findings.losesMarks)
    #expect(outcome.findings.lostRules.contains { $0.samples == 1 })
  }

  @Test func `a text of which a part is left is invalid, not gone`() async throws {
    let scratch = try Scratch()
    // It is removed when nobody needs it any more.
    defer { withExtendedLifetime(scratch) {} }
    let tool = try scratch.script(
      #"LC_ALL=C sed -e 's/Euler a/Euler b/g' "$1" > "$2""#)
    let run = try #require(try await Self.outcome("'\(tool)' {in} {out}").findings.runs.first)
    let states = Self.states(run)
    #expect(states[.text] == .invalid && states[.comment] == .invalid)
    #expect(states[.system] == .survives)
  }

  @Test func `a command without {out} changes the picture in its place`() async throws {
    let outcome = try await Self.outcome("touch {in}")
    #expect(outcome.findings.runs.first?.marks.allSatisfy { $0.state == .survives } == true)
  }

  @Test func `without pictures, drawings go in as JPEG, PNG and WebP`() async throws {
    let job = PipelineJob(
      command: try PipelineCommand("cp {in} {out}"), packs: [try RulePackLibrary.pack(named: "c2pa")])
    let runs = try await job.run().findings.runs
    #expect(runs.map(\.format) == ["jpeg", "png", "webp"])
    #expect(runs.allSatisfy { $0.fault == nil && $0.marks.count >= 7 })
    #expect(runs.flatMap(\.marks).allSatisfy { $0.state == .survives }, "\(runs.flatMap(\.marks))")
  }

  // MARK: Faults

  /// What a run's fault says, and what its marks then are.
  @Test(arguments: [
    (
      "sh -c 'echo first >&2; echo no such filter >&2; exit 3' {in} {out}", "pipeline.status",
      "no such filter"
    ),
    ("sh -c 'exit 7' {in} {out}", "pipeline.status", "exit code 7 and said nothing"),
    ("sh -c 'kill -9 $$' {in} {out}", "pipeline.status", "signal 9"),
    ("true {in} {out}", "pipeline.output", "wrote no out.png"),
    ("sh -c 'cp \"$0\" out-0.png' {in} {out}", "pipeline.output", "it wrote out-0.png"),
    ("ln -s {in} {out}", "pipeline.output", "wrote no out.png"),
    ("mkdir {out} {in}x", "pipeline.output", "wrote no out.png"),
    ("sh -c 'echo text > \"$1\"' {in} {out}", "pipeline.unreadable", "cannot be read"),
    ("sh -c 'head -c 3000 \"$0\" > \"$1\"' {in} {out}", "pipeline.unreadable", "cannot be read"),
  ])
  func `a run that gives nothing says why`(command: String, code: String, words: String) async throws {
    let outcome = try await Self.outcome(command)
    let run = try #require(outcome.findings.runs.first)
    let fault = try #require(run.fault)
    #expect(fault.code == code)
    #expect(fault.message.contains(words), "\(fault.message)")
    #expect(!fault.remedy.isEmpty)
    #expect(run.marks.allSatisfy { $0.state != .survives || run.outputFormat != nil })
    #expect(outcome.audit.items.first?.outcome == .unreadable || run.outputFormat != nil)
  }

  @Test func `an output in another format than its name says is told, and its marks are read`() async throws {
    let run = try #require(try await Self.outcome("cp {in} {out}", outputEnding: "jpg").findings.runs.first)
    #expect(run.fault?.code == "pipeline.format")
    #expect(run.fault?.message.contains("png") == true)
    #expect(run.outputFormat == "png")
    #expect(Self.states(run)[.credentials] == .survives)
  }

  @Test func `a picture that cannot be marked is told, and the others are tried`() async throws {
    let scratch = try Scratch()
    // It is removed when nobody needs it any more.
    defer { withExtendedLifetime(scratch) {} }
    let small = Image(width: 16, height: 16, colorModel: .rgb, pixels: [UInt8](repeating: 9, count: 768))
    try writeAtomically(
      try ImageEncoder.png(small), to: scratch.url.appending(path: "1.png").path, overwrite: false)
    try writeAtomically(
      try ImageEncoder.png(Self.drawing), to: scratch.url.appending(path: "2.png").path, overwrite: false)
    let job = PipelineJob(
      command: try PipelineCommand("cp {in} {out}"), pictures: [FilePath(scratch.url.path)], packs: [])
    let runs = try await job.run().findings.runs
    #expect(runs.map { $0.fault?.code } == ["pipeline.sample", nil])
    #expect(runs.map { $0.marks.count } == [0, 8])
  }

  @Test func `a run over its time is stopped with what it started, and nothing is left behind`() async throws
  {
    let scratch = try Scratch()
    // It is removed when nobody needs it any more.
    defer { withExtendedLifetime(scratch) {} }
    let note = scratch.url.appending(path: "note").path
    let tool = try scratch.script("(sleep 8; echo alive > '\(note)') &\nsleep 600")
    let outcome = try await Self.outcome("'\(tool)' {in} {out}", timeLimit: 0.5)
    #expect(outcome.findings.runs.first?.fault?.code == "pipeline.time")
    try await Task.sleep(for: .seconds(9))
    #expect(!FileManager.default.fileExists(atPath: note))
    let left = try FileManager.default.contentsOfDirectory(
      atPath: FileManager.default.temporaryDirectory.path)
    #expect(!left.contains { $0.hasPrefix("assay-pipeline-") && isOld($0) })
  }

  /// Other tests' folders may be there, but are younger.
  private func isOld(_ name: String) -> Bool {
    let path = FileManager.default.temporaryDirectory.appending(path: name).path
    let made = (try? FileManager.default.attributesOfItem(atPath: path))?[.creationDate] as? Date
    return made.map { $0.timeIntervalSinceNow < -600 } ?? false
  }

  @Test func `a cancelled task stops the command`() async throws {
    // A task's sleep ends when a thread is free, which may be minutes after.
    let task = Task { try await Self.outcome("sh -c 'sleep 3600' {in}", timeLimit: 3600) }
    try await Task.sleep(for: .seconds(2))
    task.cancel()
    let outcome = try await task.value
    #expect(outcome.wasInterrupted)
    #expect(outcome.findings.runs.isEmpty)
  }

  // MARK: Commands

  @Test(arguments: [
    ("convert x {out}", "pipeline.command"), ("", "pipeline.command"), ("'cp {in} {out}", "pipeline.command"),
    ("'' {in}", "pipeline.command"), ("cp {in} {out} | cat", "pipeline.shell"),
    ("cat {in} > {out}", "pipeline.shell"), ("no-such-program-here {in} {out}", "pipeline.program"),
    ("/etc/passwd {in} {out}", "pipeline.program"), ("/tmp {in} {out}", "pipeline.program"),
  ])
  func `a command that cannot be run is refused before anything is made`(text: String, code: String) {
    let error = #expect(throws: AuditError.self) { try PipelineCommand(text) }
    #expect(error?.code == code)
  }

  @Test func `a shell's words are data without a shell`() async throws {
    let scratch = try Scratch()
    // It is removed when nobody needs it any more.
    defer { withExtendedLifetime(scratch) {} }
    let tool = try scratch.script(#"[ "$3" = '$(touch x) `id` * a"b' ] && cp "$1" "$2""#)
    let outcome = try await Self.outcome(#"'\#(tool)' {in} {out} '$(touch x) `id` * a"b'"#)
    #expect(outcome.findings.runs.first?.fault == nil)
  }

  // MARK: Report

  @Test func `the report tells it in every form, and reads it back`() async throws {
    let outcome = try await Self.outcome("cat {in} > {out}; printf x >> {out}", ending: "jpg", shell: true)
    let text = try ReportText.english
    var report = Report(
      outcome.audit,
      header: ReportHeader(
        title: "<b>", question: "?", time: "2026-11-30T12:00:00Z", operatorName: "x", toolVersion: "1",
        command: "assay"),
      text: text)
    report.pipeline = outcome.findings
    let html = try report.html()
    #expect(html.contains("What is left of the marks"))
    #expect(html.contains("! left invalid"))
    // The command is text of the user.
    #expect(html.contains("cat {in} &gt; {out}; printf x &gt;&gt; {out}"))
    let markdown = try report.markdown()
    #expect(markdown.contains("| Content Credentials | 1 | 0 | 1 | 0 | 0 |"))
    #expect(report.pipelineText().contains("  ! Content Credentials: left invalid"))
    #expect(try report.sarif().contains("\"ruleId\""))
    let json = try report.json()
    let again = try Report(json: Data(json.utf8), source: "x", text: text)
    #expect(again.pipeline == outcome.findings)
    #expect(try again.json() == json)
  }
}
