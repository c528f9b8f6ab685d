import Crypto
import Foundation
import Images
import Provenance
import Testing

struct HiddenTextTests {
  /// A picture whose lowest bits hold bytes, column by column.
  static func picture(_ scheme: String, _ payload: [UInt8], bits: Int? = nil, side: Int = 96) -> Image {
    let usesAlpha = scheme.contains("png")
    var pixels = [UInt8](repeating: 254, count: side * side * 4)
    let length = UInt32(bits ?? payload.count * 8)
    let bytes = Array(scheme.utf8) + withUnsafeBytes(of: length.bigEndian, Array.init) + payload
    let lanes = usesAlpha ? [3] : [0, 1, 2]
    for (index, bit) in bytes.flatMap({ byte in (0..<8).map { byte >> (7 - UInt8($0)) & 1 } }).enumerated() {
      let (pixel, lane) = index.quotientAndRemainder(dividingBy: lanes.count)
      let (x, y) = pixel.quotientAndRemainder(dividingBy: side)
      if x < side { pixels[(y * side + x) * 4 + lanes[lane]] |= bit }
    }
    return Image(width: side, height: side, colorModel: .rgba, pixels: pixels)
  }

  @Test(arguments: ["stealth_pnginfo", "stealth_rgbinfo"])
  func `text hidden in the lowest bits is read`(scheme: String) {
    let field = StealthText.field(in: Self.picture(scheme, Array("Steps: 20 ü".utf8)))
    #expect(field?.value == "Steps: 20 ü")
    #expect(field?.name == scheme)
  }

  @Test func `a length beyond the picture or the limit is no text`() {
    #expect(StealthText.field(in: Self.picture("stealth_pnginfo", [65], bits: 1 << 30)) == nil)
    #expect(StealthText.field(in: Self.picture("stealth_pnginfo", [65], bits: 7)) == nil)
    #expect(StealthText.field(in: Self.picture("stealth_pnginfo", [65], bits: 0)) == nil)
    #expect(StealthText.field(in: Self.picture("stealth_pnginfo", Array("abc".utf8)), limit: 2) == nil)
  }

  @Test func `gzip that is none is no text`() {
    #expect(StealthText.field(in: Self.picture("stealth_pngcomp", Array("no gzip".utf8))) == nil)
  }
}

struct NovelAISignatureTests {
  let key = Curve25519.Signing.PrivateKey()
  let image = Image(width: 2, height: 1, colorModel: .rgba, pixels: [1, 2, 3, 255, 4, 5, 6, 254])

  /// What Python's `json.dumps` writes for the comment below without its signature.
  let dumped =
    #"{"prompt": "\u732b \"x\"\n", "steps": 28, "scale": 5.0, "tiny": 1e-05, "big": 1e+16, "list": [true, null]}"#

  func comment(signature: String) throws -> JSONText {
    try #require(
      JSONText(
        "{\"prompt\":\"猫 \\\"x\\\"\\n\",\"steps\":28,\"signed_hash\":\"\(signature)\",\"scale\":5.0,\"tiny\":0.00001,\"big\":1e16,\"list\":[true,null]}"
      ))
  }

  @Test func `a signature over pixels and comment is valid, and only then`() throws {
    let message = Data([1, 2, 3, 4, 5, 6] + Array(dumped.utf8))
    let signature = try key.signature(for: message).base64EncodedString()
    let publicKey = key.publicKey.rawRepresentation.base64EncodedString()
    let signed = try comment(signature: signature)
    #expect(NovelAISignature.check(comment: signed, image: image, key: publicKey) == .valid)
    #expect(NovelAISignature.check(comment: signed, image: image) == .invalid)
    let other = Image(width: 2, height: 1, colorModel: .rgb, pixels: [1, 2, 3, 4, 5, 7])
    #expect(NovelAISignature.check(comment: signed, image: other, key: publicKey) == .invalid)
    #expect(
      NovelAISignature.check(comment: try comment(signature: "x"), image: image, key: publicKey) == .malformed
    )
  }
}
