import Fingerprints
import Foundation
import Images
import TestSupport
import Testing

struct FingerprintFileTests {
  static let fingerprint: Fingerprint = {
    var random = SplitMix(state: 3)
    let weights = (0..<Fingerprint.Template.count(band: 20)).map { _ in
      Int8.random(in: -127...127, using: &random)
    }
    guard let template = try? Fingerprint.Template(band: 20, weights: weights) else {
      fatalError("the weights are enough")
    }
    return Fingerprint(
      card: .init(name: "test.file", family: "Test", nativeSizes: ["64x64"], aspects: [1], sources: ["a: 2"]),
      template: template)
  }()

  @Test func `a fingerprint comes back from its file, and its file is always the same`() throws {
    let bytes = try Self.fingerprint.fileBytes()
    let back = try Fingerprint(bytes: bytes)
    #expect(back.card == Self.fingerprint.card && back.template == Self.fingerprint.template)
    #expect(try back.fileBytes() == bytes)
  }

  @Test func `a file cut anywhere is refused, and the error says where`() throws {
    let bytes = try Self.fingerprint.fileBytes()
    for length in 0..<bytes.count {
      let error = #expect(throws: FingerprintError.self) {
        try Fingerprint(bytes: Array(bytes.prefix(length)), name: "cut")
      }
      #expect(error?.location.file == "cut" && error?.location.byteRange != nil)
    }
    #expect(throws: FingerprintError.self) { try Fingerprint(bytes: bytes + [0]) }
  }

  @Test func `one changed byte of the weights is noticed`() throws {
    var bytes = try Self.fingerprint.fileBytes()
    bytes[bytes.count - 5] ^= 1
    let error = #expect(throws: FingerprintError.self) { try Fingerprint(bytes: bytes) }
    #expect(error?.code == "fingerprint.digest")
  }

  @Test func `no byte of the header can be changed into a crash`() throws {
    let bytes = try Self.fingerprint.fileBytes()
    var random = SplitMix(state: 4)
    for place in 0..<min(600, bytes.count) {
      var damaged = bytes
      damaged[place] = UInt8.random(in: 0...255, using: &random)
      _ = try? Fingerprint(bytes: damaged)
    }
  }

  @Test func `foreign files and claims beyond reason are named`() throws {
    func code(_ bytes: [UInt8]) -> String? {
      do {
        _ = try Fingerprint(bytes: bytes)
        return nil
      } catch { return error.code }
    }
    #expect(code([]) == "fingerprint.foreign")
    #expect(code(Array("\u{89}PNG\r\n\u{1a}\n".utf8)) == "fingerprint.foreign")
    #expect(code(Array("ASSAYFP1".utf8) + [255, 255, 255, 255]) == "fingerprint.header")
    #expect(code(Array("ASSAYFP1".utf8) + [2, 0, 0, 0] + Array("{}".utf8)) == "fingerprint.header")
  }

  @Test func `names that are not for reading are refused`() throws {
    for (name, family, code) in [
      ("Test File", "Test", "fingerprint.name"), ("", "Test", "fingerprint.name"),
      ("test", "", "fingerprint.family"), ("test", "two\nlines", "fingerprint.family"),
      ("test", "left\u{202E}right", "fingerprint.family"),
    ] {
      let odd = Fingerprint(card: .init(name: name, family: family), template: Self.fingerprint.template)
      let bytes = try odd.fileBytes()
      let error = #expect(throws: FingerprintError.self) { try Fingerprint(bytes: bytes) }
      #expect(error?.code == code)
    }
  }

  @Test func `whose pictures a fingerprint comes from stands in its file and in what a match says`() throws {
    var own = Self.fingerprint
    own.card.estimatedFrom = "pictures of ours"
    own.card.trainingPictures = 9
    let back = try Fingerprint(bytes: own.fileBytes())
    #expect(back.card == own.card)
    let match = FingerprintMatch(
      card: back.card, statistic: 9, log10PValue: -15, trials: 3, geometry: FingerprintGeometry())
    #expect(match.caveats[0].hasSuffix("9 pictures of ours"))
  }

  @Test func `the digest of pictures does not depend on their order`() {
    let digests = [[1], [2], [3]].map { Fingerprint.Card.digest(of: $0) }
    #expect(
      Fingerprint.Card.digest(ofPictures: digests) == Fingerprint.Card.digest(ofPictures: digests.reversed()))
    #expect(digests[0] == "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a")
  }

  @Test func `common sizes and shapes are told, and many shapes are none`() {
    let mixed = [(100, 100), (100, 100), (200, 100), (50, 50)].map { (width: $0.0, height: $0.1) }
    let shapes = Fingerprint.Card.shapes(of: mixed)
    #expect(shapes.sizes == ["100x100", "200x100", "50x50"] && shapes.aspects == [1, 2])
    #expect(Fingerprint.Card.shapes(of: (1...6).map { (100 * $0, 100) }).aspects.isEmpty)
  }

  @Test func `a file that is not there is told with its name`() {
    let error = #expect(throws: FingerprintError.self) { try Fingerprint(path: "/nowhere/mine.fingerprint") }
    #expect(error?.code == "fingerprint.unreadable" && error?.location.file == "/nowhere/mine.fingerprint")
  }

  @Test func `templates of another size or of nothing are refused`() {
    #expect(throws: FingerprintError.self) { try Fingerprint.Template(band: 20, weights: [1, 2, 3]) }
    #expect(throws: FingerprintError.self) { try Fingerprint.Template(band: 100_000, weights: []) }
    let zeros = [Int8](repeating: 0, count: Fingerprint.Template.count(band: 20))
    #expect(throws: FingerprintError.self) { try Fingerprint.Template(band: 20, weights: zeros) }
  }

  @Test func `what ships can be read, has names of its own and stays below 12 MB`() throws {
    let shipped = try Fingerprint.shipped()
    #expect(shipped.count >= 8 && Set(shipped.map(\.id)).count == shipped.count)
    let size = try shipped.reduce(0) { try $0 + $1.fileBytes().count }
    #expect(size <= 12_000_000)
    for fingerprint in shipped {
      #expect(fingerprint.card.trainingPictures >= FingerprintEstimator.leastPictures)
      #expect(!fingerprint.card.family.isEmpty && !fingerprint.card.sources.isEmpty)
    }
  }
}
