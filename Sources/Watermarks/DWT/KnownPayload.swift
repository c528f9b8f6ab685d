/// A payload that published programs write into every picture.
struct KnownPayload: Sendable {
  var name: String
  var payload: Payload
  /// Whether its bytes are ASCII text.
  var isText = false

  /// Sources: the programs' own code, as read in August 2026: CompVis and runwayml `txt2img.py`, Stability's
  /// `stablediffusion` and `generative-models`, diffusers' SDXL watermarker, InvokeAI's watermark node,
  /// black-forest-labs' `flux`, mindone.
  static let all: [KnownPayload] = [
    KnownPayload(name: "Stable Diffusion v1", text: "StableDiffusionV1"),
    KnownPayload(name: "Stable Diffusion v1 inpainting", text: "StableDiffusionV1-Inpainting"),
    KnownPayload(name: "Stable Diffusion v2", text: "SDV2"),
    KnownPayload(name: "InvokeAI", text: "InvokeAI"),
    KnownPayload(
      name: "Stable Diffusion XL", constant: 0b1011_0011_1110_1100_1001_0000_0111_1011_1011_0001_1001_1110),
    // The constant has 48 digits, but printing it as binary drops its two leading zeros: 46 bits are written.
    KnownPayload(name: "FLUX", constant: 0b10_1010_1111_1110_1000_0111_1001_1100_1111_0101_0010_1110),
    KnownPayload(
      name: "MindONE", constant: 0b1011_0010_1001_0110_1001_0001_1001_1011_1011_0000_1011_0001_1011_1010),
  ]

  init(name: String, payload: Payload, isText: Bool = false) {
    self.name = name
    self.payload = payload
    self.isText = isText
  }

  init(name: String, text: String) { self.init(name: name, payload: Payload(text: text), isText: true) }

  /// The share of the telling bits that have to be this payload's.
  static let leastAgreement = 0.8

  /// Whether bits as they were read tell this payload from any other text.
  ///
  /// Letters share the upper three bits of a byte, so that every text agrees with every other in two thirds to
  /// three quarters of its bits, more than chance lets independent bits agree. Only the lower five tell texts
  /// apart; of them nearly all have to agree, and more than another text's could by chance.
  func isTold(by bits: [Bool]) -> Bool {
    guard isText else { return true }
    let telling = bits.indices.filter { $0 % 8 >= 3 }
    let agreeing = telling.count { bits[$0] == payload.bits[$0] }
    return Double(agreeing) >= Self.leastAgreement * Double(telling.count)
      && Tail.fairCoins(agreeing, of: telling.count) <= DWTReader.significance
  }

  /// The binary digits of a constant, from its first one.
  init(name: String, constant: UInt64) {
    let digits = UInt64.bitWidth - constant.leadingZeroBitCount
    self.init(
      name: name, payload: Payload(bits: (0..<digits).map { constant >> (digits - 1 - $0) & 1 == 1 }))
  }
}
