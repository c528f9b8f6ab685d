import ContentCredentials
import Foundation
import Generators
import ImageFormats
import Images
import TestSupport
import Testing

struct GuidedTests {
  private func guide(_ kind: Guide.Kind, _ image: Image? = nil) throws -> Guide {
    try Guide(image ?? Pictures.waves(seed: 3), kind: kind, title: "guide.png", file: [1, 2, 3], side: 128)
  }

  /// How far apart two pictures are: the mean absolute difference of their bytes in a region.
  private func apart(_ a: Image, _ b: Image, _ region: PixelRegion) -> Double {
    var sum = 0
    for y in region.y..<region.y + region.height {
      for x in region.x..<region.x + region.width {
        for c in 0..<3 {
          let place = (y * a.width + x) * 3 + c
          sum += abs(Int(a.pixels8[place]) - Int(b.pixels8[place]))
        }
      }
    }
    return Double(sum) / Double(3 * region.width * region.height)
  }

  @Test func `the same session makes the same candidates, and what was said stands in the log`() throws {
    let model = try PictureModelTests.model.get()
    func session() throws -> GuidedSession {
      var session = GuidedSession(model, seed: 4, count: 3, guide: nil)
      var choice = GuidedSession.Choice()
      choice.keep = [2]
      choice.reject = [1, 3]
      try session.advance(choice, with: model)
      return session
    }
    let (one, other) = (try session(), try session())
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(try encoder.encode(one) == encoder.encode(other))
    #expect(one.round == 2)
    let person = one.log.filter { $0.actor == .person }.map(\.text)
    #expect(person.contains("kept candidate 2") && person.contains("rejected candidates 1, 3"))
    #expect(one.log.contains { $0.actor == .model && $0.round == 2 })
    // A session goes on after it was stored.
    var stored = try JSONDecoder().decode(GuidedSession.self, from: encoder.encode(one))
    try stored.advance(.init(), with: model)
    #expect(stored.round == 3)
  }

  @Test func `choices that cannot be are refused and change nothing`() throws {
    let model = try PictureModelTests.model.get()
    let session = GuidedSession(model, seed: 4, count: 2, guide: nil)
    func code(_ change: (inout GuidedSession.Choice) -> Void) -> String? {
      var (copy, choice) = (session, GuidedSession.Choice())
      change(&choice)
      do {
        try copy.advance(choice, with: model)
        return nil
      } catch { return error.code }
    }
    #expect(code { $0.keep = [0] } == "guided.candidate")
    #expect(code { $0.reject = [3] } == "guided.candidate")
    #expect(
      code {
        $0.keep = [1]
        $0.reject = [1]
      } == "guided.candidate")
    for region in [(0, 0, 129, 1), (-1, 0, 4, 4), (0, 0, 0, 4), (Int.max, 0, 4, 4), (4, 4, 4, Int.max)] {
      #expect(
        code { $0.lock = (.init(x: region.0, y: region.1, width: region.2, height: region.3), 1) }
          == "guided.region")
    }
  }

  @Test(arguments: Guide.Kind.allCases)
  func `a guide brings candidates nearer than chance does`(kind: Guide.Kind) throws {
    let model = try PictureModelTests.model.get()
    // A picture that the model can make.
    let target = try Pictures.decoded(OutputMarker(testKeyAt: Date()).mark(model.picture(.init(seed: 77))))
    let guide = try guide(kind, target)
    func distances(_ guide: Guide?) throws -> [Double] {
      var session = GuidedSession(model, seed: 9, count: 3, guide: guide)
      return try (1...3).map { number in
        let picture = try session.pick(number, of: model)
        let image = try Pictures.decoded(OutputMarker(testKeyAt: Date()).mark(picture))
        return apart(image, target, .init(x: 0, y: 0, width: 128, height: 128))
      }
    }
    let (led, drawn) = (try distances(guide), try distances(nil))
    // Edges say nothing of colours: a sketch is held to not being worse.
    let share = kind == .sketch ? 1.3 : 1
    #expect(led.reduce(0, +) < drawn.reduce(0, +) * share, "\(led) against \(drawn)")
  }

  @Test func `a sketch without lines is refused`() throws {
    let blank = Image(
      width: 64, height: 64, colorModel: .rgb, pixels: [UInt8](repeating: 255, count: 64 * 64 * 3))
    #expect(throws: GeneratorError.self) { try guide(.sketch, blank) }
  }

  @Test func `the credentials say who did what, and name the guide as input`() throws {
    let model = try PictureModelTests.model.get()
    var session = GuidedSession(model, seed: 4, count: 2, guide: try guide(.layout))
    let content = Pictures.waves(seed: 3)
    let picture = try session.pick(1, of: model, inputs: [Pictures.source(content)])
    let file = try OutputMarker(testKeyAt: Date()).mark(picture)
    let report = CredentialsReader().report(on: file.bytes)
    #expect(report.state == .valid, "\(report)")
    let text = String(decoding: file.bytes, as: UTF8.self)
    for words in [
      "prompt_guided", "inputTo", "The person: ", "The model: ", "chose candidate 1",
      "trainedAlgorithmicMedia",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    let alone = try OutputMarker(testKeyAt: Date()).mark(model.picture(.init(seed: 5)))
    #expect(String(decoding: alone.bytes, as: UTF8.self).contains("fully_autonomous"))
  }
}
