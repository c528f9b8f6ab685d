import Foundation
import NeuralNetworks
import Tensors

/// Named tensors and a text, in the safetensors layout: an 8-byte length, a JSON header, the numbers.
struct WeightFile {
  var tensors: [String: Tensor] = [:]
  var metadata: [String: String] = [:]

  /// The most that a header may claim.
  private static let headerLimit = 4 << 20

  init() {}

  /// - Throws: ``DetectorError`` for lengths, types or offsets that don't fit the bytes.
  init(bytes: [UInt8]) throws(DetectorError) {
    guard bytes.count >= 8 else { throw .weights("\(bytes.count) bytes are no weight file") }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(min(Self.headerLimit, bytes.count - 8)) else {
      throw .weights("the header claims \(length) bytes")
    }
    let start = 8 + Int(length)
    guard
      let header = try? JSONSerialization.jsonObject(with: Data(bytes[8..<start])) as? [String: Any]
    else { throw .weights("the header is no JSON object") }
    metadata = header["__metadata__"] as? [String: String] ?? [:]
    for (name, value) in header where name != "__metadata__" {
      guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
        let extents = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int],
        extents.count <= 4, offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1],
        offsets[1] <= bytes.count - start
      else { throw .weights("an entry is malformed", path: name) }
      // Counters of training steps aren't needed.
      guard type == "F32" || type == "F16" else { continue }
      let width = type == "F32" ? 4 : 2
      var count = 1
      for extent in extents {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard extent > 0, !overflow else { throw .weights("shape \(extents) is no shape", path: name) }
        count = product
      }
      guard count <= bytes.count, offsets[1] - offsets[0] == count * width else {
        throw .weights("\(offsets[1] - offsets[0]) bytes don't hold \(count) numbers", path: name)
      }
      let first = start + offsets[0]
      let values = (0..<count).map { index -> Float in
        let at = first + index * width
        if width == 4 {
          let bits =
            UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16 | UInt32(
              bytes[at + 3])
            << 24
          return Float(bitPattern: bits)
        }
        return Self.float(half: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8)
      }
      tensors[name] = Tensor(values, shape: extents.isEmpty ? [1] : Shape(extents))
    }
  }

  /// The file's bytes; matrices and kernels as halves where asked for, everything else as singles.
  func bytes(halves: Bool) -> [UInt8] {
    var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
    var data: [UInt8] = []
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let half = halves && tensor.shape.rank > 1
      let start = data.count
      for value in tensor.values {
        if half {
          let bits = Self.half(value)
          data += [UInt8(bits & 255), UInt8(bits >> 8)]
        } else {
          let bits = value.bitPattern
          data += [UInt8(bits & 255), UInt8(bits >> 8 & 255), UInt8(bits >> 16 & 255), UInt8(bits >> 24)]
        }
      }
      header[name] = [
        "dtype": half ? "F16" : "F32", "shape": tensor.shape.extents, "data_offsets": [start, data.count],
      ]
    }
    var text = [UInt8](
      (try? JSONSerialization.data(withJSONObject: header, options: [.sortedKeys])) ?? Data())
    while text.count % 8 != 0 { text.append(0x20) }
    return (0..<8).map { UInt8(UInt64(text.count) >> UInt64(8 * $0) & 255) } + text + data
  }

  /// The single-precision value of an IEEE 754 half.
  static func float(half bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 31)
    let mantissa = Float(bits & 1023)
    if exponent == 0 { return sign * mantissa * 0x1p-24 }
    if exponent == 31 { return mantissa == 0 ? sign * .infinity : .nan }
    return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + mantissa / 1024)
  }

  /// The nearest half, ties to even; too large becomes the largest.
  static func half(_ value: Float) -> UInt16 {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    let magnitude = min(abs(value), 65504)
    guard magnitude.isFinite else { return sign }
    if magnitude < 0x1p-14 { return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven)) }
    let exponent = Int(magnitude.exponent)
    let mantissa = ((magnitude.significand - 1) * 1024).rounded(.toNearestOrEven)
    // A mantissa that rounds up to 1024 carries into the exponent by itself.
    return sign | (UInt16(exponent + 15) << 10) &+ UInt16(mantissa)
  }
}

extension DiscriminatorNetwork {
  /// Takes every parameter that the file has under its path.
  ///
  /// - Parameter optional: paths that may be missing.
  mutating func load(_ file: WeightFile, optional: (String) -> Bool = { _ in false }) throws(DetectorError) {
    var fault: DetectorError?
    updateParameters { path, parameter in
      guard let tensor = file.tensors[path] else {
        if !optional(path), fault == nil { fault = .weights("the file lacks a tensor", path: path) }
        return
      }
      guard tensor.shape == parameter.fileShape, tensor.values.allSatisfy(\.isFinite) else {
        if fault == nil {
          fault = .weights("\(tensor.shape) is not \(parameter.fileShape), finite", path: path)
        }
        return
      }
      parameter.setFileValue(tensor)
    }
    if let fault { throw fault }
  }
}
