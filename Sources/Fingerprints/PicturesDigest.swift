import Crypto
import Diagnostics

extension Fingerprint.Card {
  /// SHA-256 of a file's bytes, lower-case hexadecimal.
  public static func digest(of file: [UInt8]) -> String { SHA256.hash(data: file).hexadecimal }

  /// ``picturesDigest`` of files with these digests, whatever their order.
  public static func digest(ofPictures digests: [String]) -> String {
    SHA256.hash(data: Array(digests.sorted().map { $0 + "\n" }.joined().utf8)).hexadecimal
  }

  /// The commonest sizes of pictures, ``nativeSizes``, and the shapes of a tenth or more of them, ``aspects``.
  ///
  /// Of more than four shapes none is named: a pattern of every shape is not searched for in crops by its shape.
  public static func shapes(of sizes: [(width: Int, height: Int)]) -> (sizes: [String], aspects: [Double]) {
    var counts: [String: Int] = [:]
    var shapes: [Double: Int] = [:]
    for size in sizes {
      counts["\(size.width)x\(size.height)", default: 0] += 1
      shapes[(100 * Double(size.width) / Double(size.height)).rounded() / 100, default: 0] += 1
    }
    let common = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(6).map(\.key)
    let usual = shapes.filter { $0.value * 10 >= sizes.count && (0.05...20).contains($0.key) }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    return (common, usual.count <= 4 ? usual : [])
  }
}
