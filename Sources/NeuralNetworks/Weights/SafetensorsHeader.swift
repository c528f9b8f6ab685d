import Diagnostics
import Foundation

/// What a safetensors file says of its tensors, held against the bytes that it has.
///
/// Source: https://github.com/huggingface/safetensors#format
struct SafetensorsHeader {
  struct Tensor {
    /// `F32`, `I8` and so on, as written.
    var type: String
    var shape: [Int]
    /// Within the data.
    var bytes: Range<Int>
  }

  /// The longest header that is read: 100 MB, as in the reference implementation.
  static let limit = 100_000_000

  var tensors: [String: Tensor] = [:]
  var metadata: [String: String] = [:]
  /// Where the data begin in the file.
  let start: Int

  /// Reads the header of a file's bytes.
  ///
  /// Every tensor lies within the data, none over another, and those of a known type have the length of their shape.
  init(_ bytes: UnsafeRawBufferPointer, name: String?) throws(NetworkError) {
    func fault(_ code: String, _ message: String, path: String? = nil, bytes: Range<Int>? = nil)
      -> NetworkError
    {
      NetworkError(
        code: "safetensors.\(code)", location: FaultLocation(file: name, byteRange: bytes, path: path),
        message: message, remedy: "fetch the weights again or convert them anew")
    }
    guard bytes.count >= 8 else {
      throw fault("truncated", "the file ends within the header's length", bytes: 0..<bytes.count)
    }
    let declared = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard declared <= UInt64(Self.limit) else {
      throw fault("header.length", "the header claims \(declared) bytes", bytes: 0..<8)
    }
    start = 8 + Int(declared)
    guard start <= bytes.count else {
      throw fault(
        "truncated", "the file ends \(start - bytes.count) bytes before its header does",
        bytes: 8..<bytes.count
      )
    }
    let room = bytes.count - start
    let header: [String: Entry]
    do {
      header = try JSONDecoder().decode([String: Entry].self, from: Data(bytes[8..<start]))
    } catch {
      throw fault("header.json", "the header is no JSON object of tensors", bytes: 8..<start)
    }
    for (key, entry) in header {
      switch entry {
      case .metadata(let map):
        guard key == "__metadata__" else { throw fault("header.entry", "the entry has no type", path: key) }
        metadata = map
      case .tensor(let type, let extents, let offsets):
        let (low, high) = (offsets.first ?? -1, offsets.last ?? -1)
        guard offsets.count == 2, low >= 0, low <= high, high <= room else {
          throw fault("offsets", "offsets \(offsets) lie outside the \(room) bytes of data", path: key)
        }
        tensors[key] = Tensor(type: type, shape: extents, bytes: low..<high)
        guard var size = Self.sizes[type] else { continue }
        guard extents.count <= 4, extents.allSatisfy({ $0 >= 0 }) else {
          throw fault("shape", "shape \(extents) is not of 0...4 dimensions", path: key)
        }
        for extent in extents {
          let (product, overflow) = size.multipliedReportingOverflow(by: extent)
          guard !overflow else { throw fault("shape", "shape \(extents) is too large", path: key) }
          size = product
        }
        guard size == high - low else {
          throw fault(
            "length", "shape \(extents) of \(type) needs \(size) bytes and has \(high - low)", path: key,
            bytes: start + low..<start + high)
        }
      }
    }
    let spans = tensors.map { (range: $0.value.bytes, key: $0.key) }.sorted {
      ($0.range.lowerBound, $0.range.upperBound, $0.key) < ($1.range.lowerBound, $1.range.upperBound, $1.key)
    }
    for (a, b) in zip(spans, spans.dropFirst()) where a.range.upperBound > b.range.lowerBound {
      throw fault(
        "overlap", "the data overlap those of \(a.key)", path: b.key,
        bytes: start + b.range.lowerBound..<start + b.range.upperBound)
    }
  }

  /// Bytes of an element of the types that are read.
  private static let sizes = ["F32": 4, "F16": 2, "BF16": 2, "I8": 1, "I32": 4]

  /// An entry of the header: a tensor, or the map of strings.
  private enum Entry: Decodable {
    case tensor(type: String, shape: [Int], offsets: [Int])
    case metadata([String: String])

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }

    init(from decoder: any Decoder) throws {
      if let map = try? decoder.singleValueContainer().decode([String: String].self) {
        self = .metadata(map)
        return
      }
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self = .tensor(
        type: try values.decode(String.self, forKey: .dtype),
        shape: try values.decode([Int].self, forKey: .shape),
        offsets: try values.decode([Int].self, forKey: .offsets))
    }
  }
}
