import Crypto
import Diagnostics

/// MD5, by which extended XMP names itself; no protection against anyone.
enum MD5 {
  /// 32 upper-case hexadecimal digits.
  static func hexadecimal(_ message: [UInt8]) -> String {
    Insecure.MD5.hash(data: message).hexadecimal.uppercased()
  }
}
