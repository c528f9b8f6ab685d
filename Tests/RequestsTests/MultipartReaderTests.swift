import Requests
import Testing

struct MultipartReaderTests {
  static let type = "multipart/form-data; boundary=edge"

  /// The parts of a form that comes in pieces of so many bytes.
  static func parts(_ body: String, pieces: Int = .max, type: String = type, most: Int = 8) throws(Problem)
    -> [MultipartReader.Part]
  {
    var reader = try MultipartReader(contentType: type, maxParts: most)
    var rest = Array(body.utf8)[...]
    while !rest.isEmpty {
      try reader.feed(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
    }
    return try reader.finish()
  }

  static func field(_ name: String) -> String { "Content-Disposition: form-data; name=\"\(name)\"\r\n\r\n" }

  @Test(arguments: Array(1...40) + [.max])
  func `a form is the same in pieces of any length`(length: Int) throws {
    let body =
      "before\r\n--edge\r\n\(Self.field("a"))one\r\n--edge\r\n\(Self.field("empty"))--edge\r\n\(Self.field("b"))\r\n--edg\r\n--edge--\r\nafter"
    let parts = try Self.parts(body, pieces: length)
    #expect(parts.map(\.name) == ["a", "empty", "b"])
    #expect(parts.map { String(decoding: $0.bytes, as: UTF8.self) } == ["one", "", "\r\n--edg"])
  }

  @Test(arguments: [1, .max])
  func `a head of the longest length is taken in one piece and byte by byte, one more is not`(length: Int)
    throws
  {
    // A break of a line is one character: the last of the two is left out.
    let field = String(Self.field("a").dropLast())
    func body(_ head: Int) -> String {
      "--edge\r\n\(field)X: \(String(repeating: "x", count: head - field.utf8.count - 3))\r\n\r\n1\r\n--edge--"
    }
    let longest = MultipartReader.longestHead
    #expect(try Self.parts(body(longest), pieces: length).count == 1)
    #expect(throws: Problem.self) { try Self.parts(body(longest + 1), pieces: length) }
  }

  @Test(arguments: [
    "", "--edge", "--edge\r\n\(field("a"))one", "--edge\r\n\(field("a"))one\r\n--edge\r\n", "--edge?\r\n",
    "--edge\r\nX: y\r\n\r\n",
  ])
  func `what is no whole form is refused`(body: String) {
    let problem = #expect(throws: Problem.self) { try Self.parts(body) }
    #expect(problem?.code == "serve.multipart")
  }

  @Test func `no more parts are taken than were asked for`() throws {
    let body =
      (0..<3).map { "--edge\r\n\(Self.field("\($0)"))x\r\n" }.joined() + "--edge--"
    #expect(try Self.parts(body, most: 3).count == 3)
    let problem = #expect(throws: Problem.self) { try Self.parts(body, most: 2) }
    #expect(problem?.status == .contentTooLarge)
  }

  @Test(arguments: ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary"])
  func `a type without a boundary is refused`(type: String) {
    #expect(throws: Problem.self) { try Self.parts("--edge--", type: type) }
  }
}
