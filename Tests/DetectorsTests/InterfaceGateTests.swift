import Detectors
import Foundation
import ImageFormats
import Images
import Tensors
import TestSupport
import Testing

struct InterfaceGateTests {
  /// Views by `owners` owners of each kind, whose last block parts them by the sign of its first number; `odd` of the
  /// generated ones look like screenshots.
  private static func examples(owners: Int = 10, each: Int = 30, odd: Int = 0) -> [InterfaceGate.Example] {
    var random = SplitMix(state: 3)
    var examples: [InterfaceGate.Example] = []
    for owner in 0..<owners {
      for number in 0..<each {
        for (isInterface, isGenerated) in [(true, false), (false, false), (false, true)] {
          let isOdd = isGenerated && owner * each + number < odd
          var values = (0..<16).map { _ in Float.random(in: -1...1, using: &random) }
          values[8] = (isInterface || isOdd ? 3 : -3) + Float.random(in: -1...1, using: &random)
          examples.append(
            InterfaceGate.Example(
              tokens: Tensor(values, shape: [2, 8]), isInterface: isInterface, isGenerated: isGenerated,
              source: "\(owner)", fold: owner % 5))
        }
      }
    }
    return examples
  }

  @Test func `what the last block tells apart is told apart, by owners never seen`() throws {
    let gate = try InterfaceGate(Self.examples())
    #expect(gate.caught > 0.99 && gate.real <= 0.005 && gate.generated <= 0.005)
  }

  /// Half of the generated pictures look like screenshots: none of them may be lost to the gate but one in 200.
  @Test func `pictures of either class are not given up for screenshots`() throws {
    let gate = try InterfaceGate(Self.examples(odd: 150))
    #expect(gate.real <= 0.005 && gate.generated <= 0.005 && gate.caught < 0.2)
  }

  @Test func `one kind alone is refused`() {
    #expect {
      try InterfaceGate(Self.examples().filter { !$0.isInterface })
    } throws: {
      ($0 as? DetectorError)?.code == "detector.classes"
    }
  }

  /// Assay's own page as a browser shows it, whole and as a site passes it on.
  @Test func `a screenshot of a program gets a reason and no score, a photograph a score`() throws {
    let detector = try Detector.installed.get()
    let gate = try #require(detector.card.interfaces)
    #expect(gate.caught > 0.8 && gate.real <= 0.005 && gate.generated <= 0.005)
    let page = try ImageFile(path: TestPaths.root.appending(path: "reports/samples/serve.jpg").path).decode()
      .image
    for image in [page, page.resized(width: 720, height: 720 * page.height / page.width, filter: .lanczos3)] {
      guard case .unfit(let reason) = detector.judge(image, luminance: image.luminance()) else {
        Issue.record("judged")
        continue
      }
      #expect(reason.contains("screenshot") || reason.contains("plain colour"), "\(reason)")
    }
    let photo = try ImageFile(path: TestPaths.root.appending(path: "fixtures/gallery/camera.jpg").path)
      .decode().image
    if case .unfit(let reason) = detector.judge(photo, luminance: photo.luminance()) {
      Issue.record("\(reason)")
    }
  }
}
