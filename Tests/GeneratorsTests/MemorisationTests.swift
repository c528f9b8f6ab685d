import Generators
import Images
import Testing

struct MemorisationTests {
  private static let training = (1...30).map { Pictures.waves(width: 128, height: 128, seed: $0) }

  private func check(_ generated: [Image]) throws -> MemorisationCheck.Result {
    try MemorisationCheck()(generated: generated, training: Self.training) { image in
      // Sixty-four bits: is an eighth's mean above the whole's?
      let small = image.resized(width: 8, height: 8, filter: .bilinear).luminance().values
      let mean = small.reduce(0, +) / 64
      return small.enumerated().reduce(0) { $0 | ($1.element > mean ? 1 << UInt64($1.offset) : 0) }
    }
  }

  @Test func `copies are found, mirrored ones too`() throws {
    let strangers = (101...108).map { Pictures.waves(width: 128, height: 128, seed: $0) }
    let result = try check(strangers + [Self.training[3], Self.training[11].flippedHorizontally()])
    #expect(Set(result.neighbours.prefix(2).map(\.generated)) == [8, 9])
    #expect(result.neighbours.first { $0.generated == 8 }?.training == 3)
    #expect(result.neighbours.first { $0.generated == 9 }?.training == 11)
    #expect(result.neighbours[0].featureDistance < 1e-3 && result.neighbours[1].featureDistance < 1e-3)
    #expect(result.suspicious >= 2 && result.hashMatches >= 2 && result.leastHashDistance == 0)
  }

  @Test func `too few pictures are an error`() throws {
    #expect(throws: GeneratorError.self) { try check([]) }
  }
}
