import Foundation
import Requests
import Testing

struct JSONFieldsTests {
  private func code(_ bytes: [UInt8]) -> String? {
    do {
      _ = try JSONFields(bytes)
      return nil
    } catch { return error.code }
  }

  @Test func `an object in UTF-8 is taken, one in another encoding or with a name twice is not`() throws {
    let text = #"{"a":1,"b":{"a":"\u0000"}}"#
    #expect(code(Array(text.utf8)) == nil)
    // Decoders know these by their zeros, and names would be read wrongly in them.
    for encoding in [String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian] {
      #expect(code(Array(try #require(text.data(using: encoding)))) == "serve.json")
    }
    #expect(code(Array(#"{"a":1,"\u0061":2}"#.utf8)) == "serve.twice")
    #expect(code(Array("[1]".utf8)) == "serve.json")
  }
}
