import Diagnostics
import Foundation
import ImageFormats
public import Tensors

/// Tensors by key with a map of strings, as a safetensors file holds them.
///
/// Read: F32, F16, BF16, all given as F32. Written: F32, or F16 where asked. Entries of other types, such as the 64-bit step counters of
/// PyTorch's batch normalisation, are passed over; asking for one gives the error for a missing key.
///
/// Source: https://github.com/huggingface/safetensors#format
public struct Safetensors: Sendable {
  public var tensors: [String: Tensor]
  public var metadata: [String: String]

  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a file.
  public init(path: String) throws(NetworkError) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
    } catch {
      throw NetworkError(
        code: "safetensors.unreadable", location: FaultLocation(file: path),
        message: "the weights cannot be read", remedy: "check that the file exists and may be read",
        cause: error)
    }
    try self.init(data: data, name: path)
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameter name: the file's name in errors.
  public init(data: Data, name: String? = nil) throws(NetworkError) {
    let data = data.startIndex == 0 ? data : Data(data)
    let header = try data.withUnsafeBytes { bytes in
      Result { () throws(NetworkError) in try SafetensorsHeader(bytes, name: name) }
    }.get()
    metadata = header.metadata
    tensors = [:]
    for (key, entry) in header.tensors {
      guard let kind = Element(rawValue: entry.type) else { continue }
      let bytes = header.start + entry.bytes.lowerBound..<header.start + entry.bytes.upperBound
      tensors[key] = Self.decode(data, bytes, kind, Shape(entry.shape))
    }
  }

  private enum Element: String {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
  }

  private static func decode(_ data: Data, _ range: Range<Int>, _ kind: Element, _ shape: Shape) -> Tensor {
    var tensor = Tensor(shape)
    data.withUnsafeBytes { bytes in
      tensor.withMutableSpan { span in
        for i in span.indices {
          switch kind {
          case .f32:
            let word = bytes.loadUnaligned(fromByteOffset: range.lowerBound + 4 * i, as: UInt32.self)
            span[i] = Float(bitPattern: UInt32(littleEndian: word))
          case .f16:
            let word = bytes.loadUnaligned(fromByteOffset: range.lowerBound + 2 * i, as: UInt16.self)
            span[i] = half(UInt16(littleEndian: word))
          case .bf16:
            let word = bytes.loadUnaligned(fromByteOffset: range.lowerBound + 2 * i, as: UInt16.self)
            span[i] = Float(bitPattern: UInt32(UInt16(littleEndian: word)) << 16)
          }
        }
      }
    }
    return tensor
  }

  /// IEEE 754 binary16 to binary32.
  package static func half(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
    }
  }

  /// How the numbers of a written file are kept.
  public enum Precision: Sendable, Hashable {
    case single
    /// Tensors of rank 2 and more as F16, which halves the file; biases, gains and running statistics stay F32.
    case half
  }

  /// The file's bytes: keys in order, data from a multiple of 8 bytes on; the same for the same content.
  public func encoded(as precision: Precision = .single) -> Data {
    func isHalf(_ key: String) -> Bool { precision == .half && (tensors[key]?.shape.rank ?? 0) > 1 }
    // Singles before halves, so that everything is aligned without gaps, which the format does not allow.
    let keys = tensors.keys.sorted().filter { !isHalf($0) } + tensors.keys.sorted().filter(isHalf)
    var header = "{"
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        "\(Self.quoted($0.key)):\(Self.quoted($0.value))"
      }
      header += "\"__metadata__\":{\(pairs.joined(separator: ","))}"
    }
    var data = Data()
    for key in keys {
      guard let tensor = tensors[key] else { continue }
      let start = data.count
      let isHalf = isHalf(key)
      tensor.withBuffer { values in
        if isHalf {
          for value in values {
            let bits = Self.bits(half: value)
            data.append(UInt8(truncatingIfNeeded: bits))
            data.append(UInt8(bits >> 8))
          }
        } else {
          data.append(contentsOf: UnsafeRawBufferPointer(values))
        }
      }
      if header.count > 1 { header += "," }
      let extents = tensor.shape.extents.map(String.init).joined(separator: ",")
      header +=
        "\(Self.quoted(key)):{\"dtype\":\"\(isHalf ? "F16" : "F32")\",\"shape\":[\(extents)],"
        + "\"data_offsets\":[\(start),\(start + tensor.shape.count * (isHalf ? 2 : 4))]}"
    }
    header += "}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    var file = Data(capacity: 8 + header.utf8.count + data.count)
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { file.append(contentsOf: $0) }
    file.append(contentsOf: header.utf8)
    file.append(data)
    return file
  }

  /// The nearest IEEE 754 binary16, ties to even; what is too large becomes the largest finite one.
  package static func bits(half value: Float) -> UInt16 {
    let sign = UInt16(value.bitPattern >> 16 & 0x8000)
    guard !value.isNaN else { return 0x7E00 }
    let magnitude = min(abs(value), 65504)
    // Multiples of the spacing at the value's own exponent; below 2⁻¹⁴ the spacing is 2⁻²⁴ throughout.
    let exponent = max(magnitude == 0 ? -14 : Int(magnitude.exponent), -14)
    let spacing = Float(sign: .plus, exponent: exponent - 10, significand: 1)
    let steps = (magnitude / spacing).rounded(.toNearestOrEven)
    // `steps` is 1024…2048 for normal numbers: the carry into the exponent comes by addition.
    return sign | UInt16(min((exponent + 14) << 10 + Int(steps), 0x7BFF))
  }

  /// Writes the file whole or not at all.
  public func write(to path: String, as precision: Precision = .single) throws(NetworkError) {
    do {
      try writeAtomically(Array(encoded(as: precision)), to: FilePath(path), overwrite: true)
    } catch {
      throw NetworkError(
        code: "safetensors.unwritable", location: FaultLocation(file: path),
        message: "the weights cannot be written", remedy: "check that the folder exists and has room",
        cause: error)
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
