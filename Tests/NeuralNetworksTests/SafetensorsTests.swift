import Foundation
import NeuralNetworks
import Tensors
import Testing

struct SafetensorsTests {
  private func file(_ header: String, data: Int) -> Data {
    var bytes = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    return bytes + Data(header.utf8) + Data(repeating: 0, count: data)
  }

  private func code(_ data: Data) -> String? {
    do {
      _ = try Safetensors(data: data)
      return nil
    } catch { return error.code }
  }

  @Test func `what is written is read back, and twice the same bytes`() throws {
    var random = RandomStream(seed: 31)
    let content = Safetensors(
      tensors: ["a.weight": Tensor(normal: [2, 3, 4, 5], using: &random), "b": Tensor(scalar: -0.0)],
      metadata: ["licence": "Apache-2.0", "quote\"": "line\nbreak"])
    let bytes = content.encoded()
    let read = try Safetensors(data: bytes)
    #expect(read.tensors == content.tensors && read.metadata == content.metadata)
    #expect(read.encoded() == bytes)
  }

  @Test func `halves are the nearest of binary16, and only matrices become them`() throws {
    let values: [Float] = [0, 1, -1, 0.1, 65504, 1e9, 0x1p-24, 0x1p-14, 3e-8, 2049, 2051, -0.333]
    let nearest: [Float] = [
      0, 1, -1, 0x1.998p-4, 65504, 65504, 0x1p-24, 0x1p-14, 0x1p-24 * 1, 2048, 2052, -0x1.55p-2,
    ]
    let content = Safetensors(tensors: [
      "a": Tensor([0.1, 0.2, 0.3], shape: [3]), "m": Tensor(values, shape: [3, 4]),
      "z": Tensor([0.1], shape: [1]),
    ])
    let read = try Safetensors(data: content.encoded(as: .half))
    #expect(read.tensors["m"]?.values == nearest)
    #expect(read.tensors["a"]?.values == [0.1, 0.2, 0.3])
    #expect(read.tensors["z"]?.values == [0.1])
    // Every half comes back as itself.
    for bits in UInt16.min...UInt16.max where bits & 0x7C00 != 0x7C00 {
      #expect(Safetensors.bits(half: Safetensors.half(bits)) == bits)
    }
  }

  @Test func `a file cut anywhere is an error`() {
    let bytes = Safetensors(tensors: ["w": Tensor([1, 2, 3], shape: [3])], metadata: ["k": "v"]).encoded()
    for end in 0..<bytes.count { #expect(code(bytes[0..<end]) != nil, "\(end)") }
  }

  @Test func `a header of four gigabytes, bad offsets and overlaps are told apart`() {
    var long = Data([0, 0, 0, 0, 1, 0, 0, 0])
    long.append(contentsOf: "{}".utf8)
    #expect(code(long) == "safetensors.header.length")
    #expect(code(Data(repeating: 0xFF, count: 16)) == "safetensors.header.length")
    func entry(_ shape: String, _ offsets: String) -> String {
      "{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }
    #expect(code(file("{\"w\":\(entry("[2]", "[0,16]"))}", data: 8)) == "safetensors.offsets")
    #expect(code(file("{\"w\":\(entry("[2]", "[8,0]"))}", data: 8)) == "safetensors.offsets")
    #expect(code(file("{\"w\":\(entry("[2]", "[-8,0]"))}", data: 8)) == "safetensors.offsets")
    #expect(code(file("{\"w\":\(entry("[3]", "[0,8]"))}", data: 8)) == "safetensors.length")
    let huge = "[4611686018427387904,4611686018427387904]"
    #expect(code(file("{\"w\":\(entry(huge, "[0,8]"))}", data: 8)) == "safetensors.shape")
    let both = "{\"v\":\(entry("[2]", "[0,8]")),\"w\":\(entry("[2]", "[4,12]"))}"
    #expect(code(file(both, data: 12)) == "safetensors.overlap")
    #expect(code(file("[1,2]", data: 0)) == "safetensors.header.json")
  }

  @Test func `half precision and bfloat16 are read`() throws {
    var bytes = file(
      #"{"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]}}"#,
      data: 0)
    for word in [0x3C00, 0xC000, 0x0001, 0x7C00, 0x3F80, 0xC040] as [UInt16] {
      withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }
    let read = try Safetensors(data: bytes)
    #expect(read.tensors["h"]?.values == [1, -2, 0x1p-24, .infinity])
    #expect(read.tensors["b"]?.values == [1, -3])
  }

  @Test func `a missing key and a wrong shape name the key and both shapes`() throws {
    var random = RandomStream(seed: 32)
    var layer = Linear(3, 2, random: &random)
    let before = layer.weights
    #expect {
      try layer.load(Safetensors(tensors: ["weight": Tensor([2, 3])]))
    } throws: { error in
      let fault = error as? NetworkError
      return fault?.code == "weights.missing" && fault?.location.path == "bias"
    }
    #expect {
      try layer.load(Safetensors(tensors: ["weight": Tensor([3, 2]), "bias": Tensor([2])]))
    } throws: { error in
      let fault = error as? NetworkError
      return fault?.code == "weights.shape" && fault?.message.contains("[3, 2]") == true
        && fault?.message.contains("[2, 3]") == true
    }
    #expect(layer.weights == before)
  }
}
