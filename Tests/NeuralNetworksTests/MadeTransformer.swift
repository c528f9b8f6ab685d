import Foundation
import Tensors

/// A small transformer of random weights in the style of DINOv2 (registers, layer scales, GELU), as a file and as plain
/// loops in double.
struct MadeTransformer {
  let side = 32
  let patch = 8
  let width = 32
  let heads = 2
  let blocks = 3
  let hidden = 64
  let registers = 2
  var tokens: Int { 1 + registers + 16 }
  /// Floats by key.
  var floats: [String: (shape: [Int], values: [Float])] = [:]
  /// Weights [in][out] by key, without their slots' copies.
  var weights: [String: (inputs: Int, outputs: Int, values: [Int8])] = [:]
  /// Columns of further slots by key.
  var slots: [String: [Int32]] = [:]

  init(seed: UInt64) {
    var random = RandomStream(seed: seed)
    func put(_ key: String, _ shape: [Int], around center: Float = 0, _ reach: Float = 1) {
      let values = (0..<shape.reduce(1, *)).map { _ in center + random.uniform(in: -reach...reach) }
      floats[key] = (shape, values)
    }
    put("embedding.patch", [patch, patch, 3, width], around: 0, 0.2)
    put("embedding.class", [1 + registers, width])
    put("embedding.position", [tokens, width])
    for block in 0..<blocks {
      let key = "blocks.\(block)"
      for (name, inputs, outputs) in [
        ("attention.input", width, 3 * width), ("attention.output", width, width),
        ("mlp.expand", width, hidden), ("mlp.contract", hidden, width),
      ] {
        let values = (0..<inputs * outputs).map { _ in Int8(random.uniform(in: -127...127)) }
        weights["\(key).\(name)"] = (inputs, outputs, values)
        put("\(key).\(name).scale", [outputs], around: 0.003, 0.002)
        put("\(key).\(name).bias", [outputs], around: 0, 0.2)
      }
      slots["\(key).attention.input"] = [5, 5, 5, 9]
      for part in ["attention", "mlp"] {
        put("\(key).\(part).norm.gain", [width], around: 1, 0.5)
        put("\(key).\(part).norm.bias", [width], around: 0, 0.2)
        put("\(key).\(part).scale", [width], around: 0.5, 0.4)
      }
      // A column of outliers, which its slots are for.
      floats["\(key).attention.norm.gain"]?.values[5] = 20
    }
  }

  /// A safetensors file whose tensors begin at multiples of 64 bytes.
  func encoded(configuration: [String: Any] = [:], without missing: String? = nil) throws -> Data {
    var parts: [(key: String, type: String, shape: [Int], data: Data)] = []
    func append<T>(_ key: String, _ type: String, _ shape: [Int], _ values: [T]) {
      if key != missing { parts.append((key, type, shape, values.withUnsafeBytes { Data($0) })) }
    }
    for (key, tensor) in floats.sorted(by: { $0.key < $1.key }) {
      append(key, "F32", tensor.shape, tensor.values)
    }
    for (key, layer) in weights.sorted(by: { $0.key < $1.key }) {
      let extra = slots[key] ?? []
      let rows = Array(0..<layer.inputs) + extra.map { Int($0) }
      let packed = (0..<layer.outputs / 16).flatMap { panel in
        (0..<rows.count / 4).flatMap { group in
          (0..<64).map { i in layer.values[rows[group * 4 + i % 4] * layer.outputs + panel * 16 + i / 4] }
        }
      }
      append("\(key).weights", "I8", [layer.outputs / 16, rows.count / 4, 16, 4], packed)
      let sums = (0..<layer.outputs).map { o in
        rows.reduce(Int32(0)) { $0 + Int32(layer.values[$1 * layer.outputs + o]) }
      }
      append("\(key).sum", "I32", [layer.outputs], sums)
      if !extra.isEmpty { append("\(key).slots", "I32", [extra.count], extra) }
    }
    var description: [String: Any] = [
      "side": side, "patch": patch, "width": width, "heads": heads, "blocks": blocks, "hidden": hidden,
      "registers": registers, "activation": "GELU", "normalisesEmbedding": false, "layerScale": true,
      "epsilon": 1e-6, "mean": [0.5, 0.5, 0.5], "deviation": [0.5, 0.5, 0.5],
    ]
    description.merge(configuration) { $1 }
    let json = try JSONSerialization.data(withJSONObject: description, options: .sortedKeys)
    var header: [String: Any] = ["__metadata__": ["transformer": String(decoding: json, as: UTF8.self)]]
    var body = Data()
    for part in parts {
      header[part.key] = [
        "dtype": part.type, "shape": part.shape, "data_offsets": [body.count, body.count + part.data.count],
      ]
      body += part.data
    }
    var text = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
    text += Data(repeating: 0x20, count: (64 - (8 + text.count) % 64) % 64)
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text + body
  }

  /// The class token after each block, by definition.
  func classTokens(_ view: [Float]) -> [Double] {
    func of(_ key: String) -> [Double] { floats[key]!.values.map(Double.init) }
    let (patches, positions, first) = (of("embedding.patch"), of("embedding.position"), of("embedding.class"))
    var x = (0..<tokens).map { token in
      (0..<width).map { c -> Double in
        let place = positions[token * width + c]
        if token <= registers { return place + first[token * width + c] }
        let (row, column) = ((token - registers - 1) / 4, (token - registers - 1) % 4)
        return (0..<patch * patch * 3).reduce(place) { sum, i in
          let (py, px, channel) = (i / (3 * patch), i / 3 % patch, i % 3)
          let pixel = view[((row * patch + py) * side + column * patch + px) * 3 + channel]
          return sum + Double(pixel) * patches[i * width + c]
        }
      }
    }
    func norm(_ row: [Double], _ key: String) -> [Double] {
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      let (gain, bias) = (of("\(key).norm.gain"), of("\(key).norm.bias"))
      return row.indices.map { (row[$0] - mean) / (variance + 1e-6).squareRoot() * gain[$0] + bias[$0] }
    }
    func dense(_ row: [Double], _ key: String) -> [Double] {
      let (layer, scale, bias) = (weights[key]!, of("\(key).scale"), of("\(key).bias"))
      return (0..<layer.outputs).map { o in
        let sum = row.indices.reduce(0.0) { $0 + row[$1] * Double(layer.values[$1 * layer.outputs + o]) }
        return sum * scale[o] + bias[o]
      }
    }
    var found: [Double] = []
    for block in 0..<blocks {
      let key = "blocks.\(block)"
      let inputs = x.map { dense(norm($0, "\(key).attention"), "\(key).attention.input") }
      let head = width / heads
      let attended = inputs.map { query in
        (0..<heads).flatMap { h -> [Double] in
          let scores = inputs.map { other in
            (0..<head).reduce(0.0) { $0 + query[h * head + $1] * other[width + h * head + $1] }
              / Double(head).squareRoot()
          }
          let weights = scores.map { exp($0 - scores.max()!) }
          let total = weights.reduce(0, +)
          return (0..<head).map { d in
            zip(weights, inputs).reduce(0.0) { $0 + $1.0 / total * $1.1[2 * width + h * head + d] }
          }
        }
      }
      let (first, second) = (of("\(key).attention.scale"), of("\(key).mlp.scale"))
      for token in x.indices {
        let added = dense(attended[token], "\(key).attention.output")
        for c in 0..<width { x[token][c] += first[c] * added[c] }
        let wide = dense(norm(x[token], "\(key).mlp"), "\(key).mlp.expand").map {
          0.5 * $0 * (1 + erf($0 / 2.0.squareRoot()))
        }
        let narrow = dense(wide, "\(key).mlp.contract")
        for c in 0..<width { x[token][c] += second[c] * narrow[c] }
      }
      found += x[0]
    }
    return found
  }
}
