import ArgumentParser
import Console
import Diagnostics
import Foundation
import Generators
import ImageFormats
import Images
import Reports

struct GenerateGuidedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "guided", abstract: "Search for a picture together with a model, round by round.",
    discussion: """
      The first call begins a session in FOLDER: give a model and, if you like, a layout of colours, a sketch or a \
      picture to approach. Each round writes a sheet of candidates, numbered left to right and top to bottom from 1. \
      Keep or reject some, lock a region, and the search goes on from there. FOLDER/log.md says what you and what the \
      model contributed; the same goes into the Content Credentials of the picture that you pick.

      EXAMPLES
        assay generate guided s --model landscapes --like layout.png --as layout
        assay generate guided s --keep 2,5 --reject 1
        assay generate guided s --keep 3 --lock 0,128,256,128 --of 3
        assay generate guided s --pick 4 -o lake.png
      """)

  @Argument(help: "The session's folder.")
  var folder: String

  @Option(help: "Of a new session: a model that ships with Assay, or a .safetensors file.")
  var model: String?

  @Option(help: "Of a new session: a picture to approach.")
  var like: String?

  @Option(name: .customLong("as"), help: "What of --like counts: layout, picture or sketch.")
  var kind = Guide.Kind.layout

  @Option(help: "Of a new session: the seed.")
  var seed: UInt64 = 1

  @Option(help: "Of a new session: how many candidates a round has, 2...64.")
  var count = 8

  @Option(help: "Candidates to go on from: 2,5.")
  var keep: NumberList = .init()

  @Option(help: "Candidates to stay away from.")
  var reject: NumberList = .init()

  @Option(help: "A region to hold, in pixels of a candidate: x,y,width,height.")
  var lock: NumberList?

  @Option(name: .customLong("of"), help: "The candidate whose region --lock holds.")
  var lockedCandidate: Int?

  @Option(help: "The candidate to write as the result.")
  var pick: Int?

  @Option(name: .shortAndLong, help: "Where --pick writes: .png, .jpg or .webp (lossless).")
  var output: String?

  @OptionGroup var marking: MarkingOptions

  func validate() throws {
    guard (2...64).contains(count) else { throw ValidationError("--count is 2...64") }
    guard (pick == nil) == (output == nil) else { throw ValidationError("--pick and --output go together") }
    guard (lock == nil) == (lockedCandidate == nil), lock.map({ $0.numbers.count == 4 }) ?? true else {
      throw ValidationError("--lock is x,y,width,height and needs --of")
    }
    if let output, OutputMarker.Format(fileName: output) == nil {
      throw ValidationError("--output ends in .png, .jpg, .jpeg or .webp")
    }
  }

  /// What is kept between calls beside the session.
  private struct Stored: Codable {
    var session: GuidedSession
    var model: String
    /// Path of the guide's file.
    var like: String?
  }

  private var sessionFile: URL { URL(filePath: folder).appending(path: "session.json") }

  func run() throws {
    if FileManager.default.fileExists(atPath: sessionFile.path) {
      try goOn()
    } else {
      try begin()
    }
  }

  private func begin() throws {
    guard let name = model else {
      throw ValidationError("\(folder) holds no session; --model begins one")
    }
    guard pick == nil, lock == nil, keep.numbers.isEmpty, reject.numbers.isEmpty else {
      throw ValidationError("a new session has no candidates to keep, reject, lock or pick yet")
    }
    let model = try PictureModel(name)
    let guide = try like.map { path in
      let given = try GivenPicture(path)
      return try Guide(
        given.image, kind: kind, title: given.source.title, file: given.source.file, side: model.side)
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let session = GuidedSession(model, seed: seed, count: count, guide: guide)
    try keepRound(Stored(session: session, model: name, like: like), model)
  }

  private func goOn() throws {
    guard model == nil, like == nil else {
      throw ValidationError("\(folder) holds a session; --model and --like begin one in another folder")
    }
    var stored: Stored
    do {
      stored = try JSONDecoder().decode(Stored.self, from: Data(contentsOf: sessionFile))
    } catch {
      throw GeneratorError(
        code: "guided.session", location: .init(file: sessionFile.path), message: "the session can't be read",
        remedy: "begin a new session in another folder", cause: error)
    }
    let model = try PictureModel(stored.model)
    if let pick, let output {
      let inputs = try stored.like.map { [try GivenPicture($0).source] } ?? []
      let picture = try stored.session.pick(pick, of: model, inputs: inputs)
      let marked = try marking.marker(for: output).mark(picture)
      try marked.write(to: output, overwrite: marking.force)
      try write(stored)
      return try marking.report(output, marked.identifier)
    }
    var choice = GuidedSession.Choice()
    choice.keep = keep.numbers
    choice.reject = reject.numbers
    if let region = lock?.numbers, let lockedCandidate {
      choice.lock = (
        PixelRegion(x: region[0], y: region[1], width: region[2], height: region[3]), lockedCandidate
      )
    }
    try stored.session.advance(choice, with: model)
    try keepRound(stored, model)
  }

  private func keepRound(_ stored: Stored, _ model: PictureModel) throws {
    let marked = try marking.marker(.png).mark(try stored.session.sheet(of: model))
    let sheet = "\(folder)/round-\(stored.session.round).png"
    try marked.write(to: sheet, overwrite: true)
    try write(stored)
    try marking.report(sheet, marked.identifier, candidates: stored.session.count)
  }

  private func write(_ stored: Stored) throws {
    try writeAtomically([UInt8](try JSONLine.of(stored).utf8), to: sessionFile.path, overwrite: true)
    try writeAtomically(
      [UInt8](stored.session.authorship.markdown(escaping: MarkdownText.escape).utf8), to: folder + "/log.md",
      overwrite: true)
  }
}

extension Guide.Kind: ExpressibleByArgument {}
