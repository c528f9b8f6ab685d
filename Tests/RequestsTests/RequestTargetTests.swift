import Requests
import Testing

struct RequestTargetTests {
  @Test(arguments: [
    ("/a?b=/c", ["desk.example:80"], "/a?b=/c", "desk.example:80"), ("*", ["x"], "*", "x"),
    ("//x/a", ["y"], "//x/a", "y"), ("/a:b", ["[::1]:80"], "/a:b", "[::1]:80"), ("/", [""], "/", ""),
    ("http://desk.example/a?b#c", ["other"], "/a?b", "desk.example"),
    ("HTTPS://[fe80::1]:8", ["x"], "/", "[fe80::1]:8"),
    ("http://desk.example?a=b", ["x"], "/?a=b", "desk.example"),
    ("http://a/http://b/", [""], "/http://b/", "a"),
  ])
  func `a target is a path and whom it asks`(
    target: String, hosts: [String], path: String, authority: String
  ) throws {
    let found = try RequestTarget(target, hosts: hosts, needsHost: true)
    #expect(found.path == path && found.authority == authority)
  }

  @Test(arguments: [
    ("/", ["a", "a"], "serve.host.field"), ("/", [], "serve.host.field"),
    ("http://a/", [], "serve.host.field"),
    ("/", ["a b"], "serve.host.field"), ("/", ["a@b"], "serve.host.field"),
    ("/", ["a:b"], "serve.host.field"),
    ("/", ["[::1"], "serve.host.field"), ("/", ["[]"], "serve.host.field"),
    ("/", ["::1"], "serve.host.field"),
    ("/", ["a/b"], "serve.host.field"), ("/", [":80"], "serve.host.field"), ("/", ["ä"], "serve.host.field"),
    ("a/b", ["a"], "serve.target"), ("", ["a"], "serve.target"), ("localhost:80", ["a"], "serve.target"),
    ("ftp://a/b", ["a"], "serve.target"), ("http:///b", ["a"], "serve.target"),
    ("http://", ["a"], "serve.target"),
    ("http://me:word@a/", ["a"], "serve.target"), ("http:/a", ["a"], "serve.target"),
    ("**", ["a"], "serve.target"),
  ])
  func `nobody guesses whom a request asks`(target: String, hosts: [String], code: String) {
    #expect {
      _ = try RequestTarget(target, hosts: hosts, needsHost: true)
    } throws: {
      ($0 as? Problem)?.code == code && ($0 as? Problem)?.status == .badRequest
    }
  }

  @Test func `before HTTP of 1.1 nobody need be named`() throws {
    #expect(try RequestTarget("/a", hosts: [], needsHost: false).authority == nil)
    #expect(try RequestTarget("http://b/a", hosts: [], needsHost: false).authority == "b")
  }
}
