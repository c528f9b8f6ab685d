import Diagnostics
import Foundation

// What --host and --names may be: a value that nothing can ever match is a mistake, which is told at the start.
extension ServeOptions {
  /// The names of --names, as they were written.
  public var givenNames: [String] {
    (names ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  /// Why nothing can be listened on at the address as it is written; nil where that may be.
  static func hostFault(_ host: String) -> String? {
    let all = "write 0.0.0.0 for every address of this machine, or :: for those of IPv6 too"
    if ["", "*", "+", "0"].contains(host) { return "--host '\(host)' is no address: \(all)" }
    guard
      host.contains(where: { "/[]@,*".contains($0) || $0.isWhitespace })
        || host.count(where: { $0 == ":" }) == 1
    else { return nil }
    return
      "--host '\(TerminalText.escaping(host))' is no address: write \(plain(host) ?? "127.0.0.1") alone; "
      + "the port is --port's"
  }

  /// Why no request can ever name this; nil where one can.
  static func nameFault(_ name: String) -> String? {
    guard !isName(name) else { return nil }
    let start = "--names holds '\(TerminalText.escaping(name))', which no request can ask for: "
    if name.contains("*") { return start + "there are no wildcards, so write every name" }
    if !name.utf8.allSatisfy({ $0 < 0x80 }) {
      return start + "write it as browsers send it, in the letters of ASCII (xn--…)"
    }
    guard let plain = plain(name) else { return start + "write a name such as desk.example" }
    return start + "write the name alone, \(plain)"
  }

  /// The name or address within something that has more about it; nil where there is none.
  private static func plain(_ text: String) -> String? {
    var rest = text[...]
    if let scheme = rest.range(of: "://") { rest = rest[scheme.upperBound...] }
    rest = rest.prefix { !"/?#".contains($0) }
    if let user = rest.lastIndex(of: "@") { rest = rest[rest.index(after: user)...] }
    if rest.hasPrefix("[") {
      rest = rest.dropFirst().prefix { $0 != "]" }
    } else if rest.count(where: { $0 == ":" }) == 1 {
      rest = rest.prefix { $0 != ":" }
    }
    return isName(rest) ? String(rest) : nil
  }

  /// Whether it is a host's name, or an address in numbers without brackets.
  private static func isName(_ text: some StringProtocol) -> Bool {
    func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
    guard text.count(where: { $0 == ":" }) < 2 else {
      return text.utf8.allSatisfy {
        isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 | 0x20 || $0 == 0x3A || $0 == 0x2E
      }
    }
    return !text.isEmpty
      && text.utf8.allSatisfy {
        isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 || "-._".utf8.contains($0)
      }
  }
}
