import Images
import Testing
import Watermarks

struct DWTReaderTests {
  private static let sdxl = "101100111110110010010000011110111011000110011110"

  @Test(arguments: [DWTMethod.dwtDct, .dwtDctSvd])
  func `a published payload is read blindly and named`(method: DWTMethod) throws {
    let cover = Carrier.waves.image(width: 520, height: 392, seed: 3)
    let payload = try #require(Payload(binary: Self.sdxl))
    let mark = try #require(DWTReader().read(DWTScheme(method).embed(payload, in: cover)).marks.first)
    #expect(mark.scheme == method.rawValue)
    #expect(mark.payload == payload)
    #expect(mark.payloadName == "Stable Diffusion XL")
    #expect(mark.geometry == .unchanged)
  }

  @Test func `an unknown payload is read with its length`() throws {
    let cover = Carrier.smooth.image(width: 600, height: 440, seed: 5)
    let payload = Payload(text: "cat 7001")
    let mark = try #require(DWTReader().read(DWTScheme(.dwtDct).embed(payload, in: cover)).marks.first)
    #expect(mark.payload == payload)
    #expect(mark.payloadName == nil)
  }

  @Test func `a cut on every side leaves the mark readable`() throws {
    let cover = Carrier.smooth.image(width: 600, height: 520, seed: 7)
    let payload = try #require(Payload(binary: Self.sdxl))
    let cut = try DWTScheme(.dwtDct).embed(payload, in: cover).cropped(x: 13, y: 22, width: 501, height: 433)
    let mark = try #require(DWTReader().read(cut).marks.first)
    #expect(mark.payload == payload)
    #expect(mark.geometry.offset == .init(x: -5, y: -6))
  }

  @Test(arguments: Carrier.allCases)
  func `a picture without a mark has none`(kind: Carrier) {
    #expect(DWTReader().read(kind.image(width: 384, height: 320, seed: 11)).marks.isEmpty)
  }

  @Test func `grey, white and tiny pictures are not evaluable, with the reason`() {
    let grey = Image(width: 256, height: 256, colorModel: .grey, pixels: [UInt8](repeating: 90, count: 65536))
    #expect(DWTReader().read(grey).notEvaluable?.contains("grey") == true)
    var pixels = [UInt8](repeating: 255, count: 256 * 256 * 3)
    pixels[2] = 254
    let white = Image(width: 256, height: 256, colorModel: .rgb, pixels: pixels)
    #expect(DWTReader().read(white).notEvaluable?.contains("white") == true)
    let tiny = Image(width: 8, height: 8, colorModel: .rgb, pixels: [UInt8](repeating: 9, count: 192))
    #expect(DWTReader().read(tiny).notEvaluable != nil)
  }

  @Test func `embedding refuses what cannot carry the mark`() {
    let small = Carrier.noise.image(width: 200, height: 200, seed: 1)
    #expect(throws: WatermarkError.self) { try DWTScheme(.dwtDct).embed(Payload(text: "SDV2"), in: small) }
    let cover = Carrier.noise.image(width: 256, height: 256, seed: 1)
    #expect(throws: WatermarkError.self) {
      try DWTScheme(.dwtDct).embed(Payload(bits: [Bool](repeating: true, count: 257)), in: cover)
    }
  }

  @Test func `sixteen bits stay, and their rounding is what the library writes`() throws {
    let cover = Carrier.smooth.image(width: 256, height: 264, seed: 9)
    let deep = Image(
      width: 256, height: 264, colorModel: .rgb, pixels16: cover.pixels8.map { UInt16($0) * 257 })
    let payload = Payload(text: "SDV2")
    let marked = try DWTScheme(.dwtDct).embed(payload, in: deep)
    guard case .sixteen = marked.samples else { return #expect(Bool(false), "depth was lost") }
    #expect(try marked.pixels8 == DWTScheme(.dwtDct).embed(payload, in: cover).pixels8)
  }
}
