import Provenance
import Testing

struct JSONTextTests {
  /// Pairs from CPython 3.11: a text, and `json.dumps(json.loads(text))`.
  @Test(arguments: [
    (#"{"a":1,"a":2}"#, #"{"a": 2}"#),
    (
      #"[1.0,1e5,1E-5,0.1,-0.0,1e22,123456789012345678]"#,
      "[1.0, 100000.0, 1e-05, 0.1, -0.0, 1e+22, 123456789012345678]"
    ),
    (
      #"[1e16,1e15,0.0001,0.00001,1.5e300,-2.5]"#,
      "[1e+16, 1000000000000000.0, 0.0001, 1e-05, 1.5e+300, -2.5]"
    ),
    (#"["\u00e9\ud83d\ude00\/\u007f"]"#, "[\"\\u00e9\\ud83d\\ude00/\u{7F}\"]"),
    ("[NaN,Infinity,-Infinity,-0]", "[NaN, Infinity, -Infinity, 0]"),
    (#"{"k" : {"x":[ ]} , "z":{}}"#, #"{"k": {"x": []}, "z": {}}"#),
  ])
  func `what is read is written as Python writes it`(text: String, dumped: String) {
    #expect(JSONText(text)?.pythonDump == dumped)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "[01x]", "tru", "\"abc", "{\"a\":1} x", "[\"\\u12\"]",
  ])
  func `what is no JSON is nil`(text: String) {
    #expect(JSONText(text) == nil)
  }

  @Test func `nesting is bounded`() {
    #expect(JSONText(String(repeating: "[", count: 100_000)) == nil)
    #expect(JSONText(String(repeating: "[", count: 30) + String(repeating: "]", count: 30)) != nil)
  }
}
