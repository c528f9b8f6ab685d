import Images
import Testing
import Watermarks

/// Marks that people write into their own pictures, with payloads of their own: none is a generator's, not even one
/// that differs from a generator's in one letter.
struct OwnTextMarkTests {
  static let texts = [
    "(c) Anna", "copyright 2026", "Jane Doe Photography", "www.example.org", "photo@example.com",
    "IMG_20260504",
    "All rights reserved", "bob", "Studio Nord, Kiel", "id:4711-0815", "stable", "Stable Diffusion fan",
    "SDV3", "INVOKE!!",
    "f81d4fae-7dec-11d0-a765", "aaaaaaaa", "Mueller & Sons", "do not copy me", "cat.jpg",
  ]

  @Test(arguments: texts, [DWTMethod.dwtDct, .dwtDctSvd])
  func `an owner's text is never a generator's mark`(text: String, method: DWTMethod) throws {
    for (index, size) in [(512, 512), (640, 480)].enumerated() {
      let carrier = [Carrier.waves, .smooth, .tiles][(text.utf8.count + index) % 3]
      let cover = carrier.image(width: size.0, height: size.1, seed: text.utf8.count)
      let marked = try DWTScheme(method).embed(Payload(text: text), in: cover)
      for mark in DWTReader().read(marked).marks { #expect(mark.payloadName == nil, "\(text) in \(carrier)") }
    }
  }

  @Test(arguments: [8, 16, 24, 32, 48, 64, 96, 128, 136, 224, 256])
  func `zeros, ones and random bits of any length are no generator's mark`(length: Int) throws {
    var state = UInt64(length)
    let random = (0..<length).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 63 == 1
    }
    let cover = Carrier.waves.image(width: 640, height: 480, seed: length)
    for bits in [[Bool](repeating: false, count: length), [Bool](repeating: true, count: length), random] {
      let marked = try DWTScheme(.dwtDct).embed(Payload(bits: bits), in: cover)
      #expect(DWTReader().read(marked).marks.allSatisfy { $0.payloadName == nil })
    }
  }

  static let nearly = [
    "StableDiffusionX1", "StableDiffusionV2", "StableDiffusionV3", "stableDiffusionV1", "StableDiffusionVI",
    "StableDiffusionW1", "StableDiffusionV1-Outpainting", "StableDiffusionV2-Inpainting", "SDV1", "SDV3",
    "SDXL",
    "SDW2", "INVOKEAI", "InvokeAl", "InvokeAK", "invokeAI",
  ]

  @Test(arguments: nearly, [DWTMethod.dwtDct, .dwtDctSvd])
  func `a text that differs from a generator's in a letter is the owner's`(text: String, method: DWTMethod)
    throws
  {
    for (index, size) in [(512, 512), (640, 480), (1024, 768)].enumerated() {
      for carrier in [Carrier.waves, .smooth, .tiles] {
        let cover = carrier.image(width: size.0, height: size.1, seed: text.utf8.count + index)
        let marked = try DWTScheme(method).embed(Payload(text: text), in: cover)
        for mark in DWTReader().read(marked).marks {
          #expect(mark.payloadName == nil, "\(text) in \(carrier) of \(size)")
        }
      }
    }
  }

  @Test(arguments: ["StableDiffusionV1", "StableDiffusionV1-Inpainting", "SDV2", "InvokeAI"])
  func `the published texts are still named`(text: String) throws {
    for carrier in [Carrier.waves, .smooth, .tiles] {
      let cover = carrier.image(width: 640, height: 480, seed: 5)
      let marked = try DWTScheme(.dwtDct).embed(Payload(text: text), in: cover)
      let mark = try #require(DWTReader().read(marked).marks.first)
      #expect(mark.payloadName != nil && mark.payload == Payload(text: text), "\(carrier)")
    }
  }
}
