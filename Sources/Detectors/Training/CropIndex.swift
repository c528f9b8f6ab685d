import Foundation
import ImageFormats
public import Images

/// The training crops that `index.csv` lists.
public struct CropIndex: Sendable {
  public struct Item: Sendable, Hashable {
    public var path: String
    public var isValidation: Bool
    public var isGenerated: Bool
    public var generator: String
    public var source: String
    /// The longer side of the picture that the crop came from.
    public var longSide: Int
    public var format: String

    /// Whether the source is kept from training to calibrate on: one in five, by a hash of its name.
    public var isCalibration: Bool { !isValidation && CropIndex.checksum("calibration/\(source)") % 5 == 0 }
  }

  public let folder: URL
  /// Whole pictures of both labels; face swaps and composites are left out, being neither.
  public let items: [Item]

  /// - Throws: ``DetectorError`` for a missing file or column.
  public init(folder: URL) throws(DetectorError) {
    func fault(_ message: String) -> DetectorError {
      DetectorError(
        code: "detector.index", location: .init(file: folder.appending(path: "index.csv").path),
        message: message, remedy: "name a folder whose index.csv has path, split, label, generator and source"
      )
    }
    guard let text = try? String(contentsOf: folder.appending(path: "index.csv"), encoding: .utf8) else {
      throw fault("index.csv can't be read")
    }
    var lines = text.split(whereSeparator: \.isNewline)
    guard !lines.isEmpty else { throw fault("index.csv is empty") }
    let names = lines.removeFirst().split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let wanted = [
      "path", "split", "label", "generator", "source", "original_width", "original_height", "original_format",
    ]
    let places = wanted.compactMap { names.firstIndex(of: $0) }
    guard places.count == wanted.count else { throw fault("index.csv lacks a column") }
    var items: [Item] = []
    for line in lines {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == names.count else { throw fault("a line has \(fields.count) fields") }
      let value = places.map { fields[$0] }
      guard value[2] == "ai" || value[2] == "real" else { continue }
      items.append(
        Item(
          path: value[0], isValidation: value[1] == "val", isGenerated: value[2] == "ai", generator: value[3],
          source: value[4], longSide: max(Int(value[5]) ?? 0, Int(value[6]) ?? 0), format: value[7]))
    }
    self.folder = folder
    self.items = items
  }

  /// The crop's pixels as stored, cut to 144×144 in the middle: all formats alike.
  public func image(_ item: Item) throws -> Image {
    let image = try ImageFile(path: folder.appending(path: item.path).path).decode().image
    return image.centerCropped(width: 144, height: 144)
  }

  /// CRC-32 (ISO 3309), which Python's zlib gives as well.
  static func checksum(_ text: String) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in text.utf8 {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
