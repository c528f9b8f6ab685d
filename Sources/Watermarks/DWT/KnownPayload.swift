/// A payload that published programs write into every picture.
struct KnownPayload: Sendable {
  var name: String
  var payload: Payload

  /// Sources: the programs' own code, as read in August 2026: CompVis and runwayml `txt2img.py`, Stability's
  /// `stablediffusion` and `generative-models`, diffusers' SDXL watermarker, InvokeAI's watermark node,
  /// black-forest-labs' `flux`, mindone.
  static let all: [KnownPayload] = [
    KnownPayload(name: "Stable Diffusion v1", payload: Payload(text: "StableDiffusionV1")),
    KnownPayload(
      name: "Stable Diffusion v1 inpainting", payload: Payload(text: "StableDiffusionV1-Inpainting")),
    KnownPayload(name: "Stable Diffusion v2", payload: Payload(text: "SDV2")),
    KnownPayload(name: "InvokeAI", payload: Payload(text: "InvokeAI")),
    KnownPayload(
      name: "Stable Diffusion XL", constant: 0b1011_0011_1110_1100_1001_0000_0111_1011_1011_0001_1001_1110),
    // The constant has 48 digits, but printing it as binary drops its two leading zeros: 46 bits are written.
    KnownPayload(name: "FLUX", constant: 0b10_1010_1111_1110_1000_0111_1001_1100_1111_0101_0010_1110),
    KnownPayload(
      name: "MindONE", constant: 0b1011_0010_1001_0110_1001_0001_1001_1011_1011_0000_1011_0001_1011_1010),
  ]

  init(name: String, payload: Payload) {
    self.name = name
    self.payload = payload
  }

  /// The binary digits of a constant, from its first one.
  init(name: String, constant: UInt64) {
    let digits = UInt64.bitWidth - constant.leadingZeroBitCount
    self.init(
      name: name, payload: Payload(bits: (0..<digits).map { constant >> (digits - 1 - $0) & 1 == 1 }))
  }
}
