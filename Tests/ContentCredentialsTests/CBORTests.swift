import ContentCredentials
import Testing

/// Vectors of RFC 8949 appendix A.
struct CBORTests {
  private static func bytes(_ hex: String) -> [UInt8] {
    stride(from: 0, to: hex.count, by: 2).compactMap { offset in
      UInt8(hex.dropFirst(offset).prefix(2), radix: 16)
    }
  }

  @Test(arguments: [
    "00", "17", "1818", "1903e8", "1a000f4240", "1bffffffffffffffff", "20", "3863", "3903e7",
    "3bffffffffffffffff", "f90000", "f98000", "f93c00", "fb3ff199999999999a", "f97bff", "fa47c35000",
    "fa7f7fffff", "fb7e37e43c8800759c", "f90001", "f90400", "f9c400", "f97c00", "f9fc00", "f97e00", "f4",
    "f5",
    "f6", "f7", "f0", "f8ff", "c11a514b67b0", "40", "4401020304", "60", "62c3bc", "80", "83010203",
    "8301820203820405", "a0", "a201020304", "a26161016162820203", "826161a161626163",
  ])
  func `a deterministic vector decodes and encodes to itself`(hex: String) throws {
    let input = Self.bytes(hex)
    let item = try CBORDecoder.decode(input[...])
    #expect(CBOREncoder.encode(item) == input)
  }

  @Test(arguments: [
    ("5f42010243030405ff", "450102030405"), ("7f657374726561646d696e67ff", "6973747265616d696e67"),
    ("9fff", "80"), ("9f018202039f0405ffff", "8301820203820405"),
    ("bf61610161629f0203ffff", "a26161016162820203"),
  ])
  func `an indefinite length reads as its definite form`(hex: String, definite: String) throws {
    let item = try CBORDecoder.decode(Self.bytes(hex)[...])
    #expect(CBOREncoder.encode(item) == Self.bytes(definite))
  }

  @Test(arguments: [
    "", "18", "5affffffff00", "9bffffffffffffffff", "a201000100", "62c328", "ff", "1c", "0000", "5f4101",
  ])
  func `damage is refused`(hex: String) {
    #expect(throws: MalformedStructure.self) { try CBORDecoder.decode(Self.bytes(hex)[...]) }
  }

  @Test func `depth is bounded`() {
    let deep = [UInt8](repeating: 0x81, count: 100_000)
    #expect(throws: MalformedStructure.self) { try CBORDecoder.decode(deep[...]) }
  }
}
