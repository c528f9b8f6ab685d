import Requests
import Testing

struct ClientNamesTests {
  @Test(arguments: [
    ("photo.png", "photo.png"), ("../../etc/passwd", "passwd"), ("C:\\photos\\a.jpg", "a.jpg"), ("..", "-"),
    ("", "-"),
    ("a\u{0}b\n.png", "ab.png"), ("/", "-"),
  ])
  func `a client's name is a word, never a path`(name: String, plain: String) {
    #expect(ClientNames.plain(name) == plain)
  }

  @Test func `files of one name are told apart`() {
    #expect(
      ClientNames.apart(["a.png", "a.png", "a (2).png", "a", "a"]) == [
        "a.png", "a (2).png", "a (2) (2).png", "a", "a (2)",
      ])
  }

  @Test func `a value of an address is known, given once, and of its kind`() throws {
    func values(_ pairs: [(String, String)]) throws(Problem) -> QueryValues {
      try QueryValues(pairs, known: ["scale", "strip"])
    }
    #expect(try values([("scale", "0.5")]).number("scale", in: 0...1) == 0.5)
    #expect(try values([]).flag("strip") == false)
    #expect(throws: Problem.self) { try values([("scale", "nan")]).number("scale", in: 0...1) }
    #expect(throws: Problem.self) { try values([("strip", "1")]).flag("strip") }
    #expect(throws: Problem.self) { try values([("other", "1")]) }
    #expect(throws: Problem.self) { try values([("scale", "1"), ("scale", "1")]) }
  }
}
