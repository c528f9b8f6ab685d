import Images
import Testing
import Watermarks

@Suite struct AssayMarkCodeTests {
  @Test func `a polar word comes back from soft noise`() {
    let code = MarkFrame.code
    var random = SplitMix(state: 11)
    for _ in 0..<20 {
      let word = (0..<code.dimension).map { _ in random.next() & 1 == 1 }
      // 1.2 dB a coded bit above the noise's half: one bit in nine is wrong.
      let beliefs = code.encode(word).map { Float(($0 ? -1 : 1) + random.gaussian() * 0.85) }
      #expect(code.decode(beliefs, paths: 16).contains(word))
    }
  }

  @Test func `encoding is linear and its own inverse on all channels`() {
    let full = PolarCode(dimension: 512)
    var random = SplitMix(state: 3)
    let (a, b) = (
      (0..<512).map { _ in random.next() & 1 == 1 }, (0..<512).map { _ in random.next() & 1 == 1 }
    )
    #expect(full.encode(full.encode(a)) == a)
    #expect(full.encode(zip(a, b).map { $0 != $1 }) == zip(full.encode(a), full.encode(b)).map { $0 != $1 })
  }

  @Test func `a frame opens only unchanged and under its key`() throws {
    let (key, payload) = (MarkKey.open, Payload(text: "frame"))
    let bits = try #require(MarkFrame.bits(of: payload, key: key))
    #expect(MarkFrame.payload(of: bits, key: key) == payload)
    #expect(MarkFrame.payload(of: bits, key: MarkKey(bytes: [0])) == nil)
    for index in bits.indices {
      var damaged = bits
      damaged[index].toggle()
      #expect(MarkFrame.payload(of: damaged, key: key) == nil)
    }
  }

  @Test func `a thousand words of chance leave the false alarm bound`() {
    // One geometry makes 16 words for each of at most 4 marks in 8 orientations; a search follows at most
    // 8 guesses at 3 levels in 2 halves. A word of chance passes with 2^-50.
    let own = 8 * 4 * 16
    let search = 3 * 8 * 2 * 4 * 16
    #expect(Double(own + search) * 0x1p-50 < 1e-9)
    #expect(MarkFrame.chanceBits == 50)
  }

  @Test func `a key's pattern repeats, and another key's differs`() {
    let (a, b) = (MarkPattern(key: .open), MarkPattern(key: MarkKey(bytes: [5])))
    #expect(a.template.map(\.line) == MarkPattern(key: .open).template.map(\.line))
    #expect(a.template.map(\.line) != b.template.map(\.line))
    #expect(a.template.count == 28 && a.data.count == 768)
    var uses = [Int](repeating: 0, count: 512)
    for line in a.data {
      uses[line.bitRe] += 1
      uses[line.bitIm] += 1
    }
    #expect(uses.allSatisfy { $0 == 3 })
    let tile = a.tile([Bool](repeating: false, count: 512))
    let power = tile.values.reduce(0) { $0 + $1 * $1 } / Float(tile.values.count)
    #expect(abs(power - 1) < 0.01)
  }

  @Test func `the key's numbers are HMAC-SHA-256's`() {
    // Python's hmac.new(b"Jefe", b"\0\0\0\0x\0", hashlib.sha256).
    var stream = MarkKey(bytes: "Jefe".utf8).stream("x")
    let head = (0..<4).map { _ in stream.byte() }
    #expect(head == [97, 171, 114, 98])
  }
}
