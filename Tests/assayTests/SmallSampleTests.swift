import Foundation
import TestSupport
import Testing

/// Figures from few pictures say so, and both commands that judge the detector count alike.
struct SmallSampleTests {
  private let folder: ScratchFolder
  init() throws { folder = try ScratchFolder() }

  @Test func `evaluate of a few pictures says that the figures mean little, with intervals`() throws {
    for (place, name) in [("ai", "webui.png"), ("real", "camera.jpg"), ("real", "nothing.png")] {
      try folder.copy(name, as: "set/\(place)/\(name)")
    }
    let result = try CommandLineTool.run([
      "evaluate", folder.url.appending(path: "set").path, "--launder", "none",
    ])
    guard result.status == 0 else {
      Issue.record("\(result.errors)")
      return
    }
    #expect(result.errors.contains("note: these figures mean little: they rest on "), "\(result.errors)")
    #expect(result.output.contains("**Note:** these figures mean little"))
    // What is drawn again and again from one source or two is no interval.
    #expect(result.output.contains("| too few sources |") && !result.output.contains("1.000…1.000"))
    // One kind of error with its interval.
    #expect(result.output.contains(#/\d+\.\d %(?: )?\(\d+\.\d %…\d+\.\d %\)/#), "\(result.output)")
    let json = try CommandLineTool.run([
      "evaluate", folder.url.appending(path: "set").path, "--launder", "none", "--json", "--quiet",
    ])
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect((object["caution"] as? String)?.contains("mean little") == true)
    #expect(object["schema"] as? String == "assay.evaluation/1" && object["version"] is String)
  }

  @Test func `fairness takes the threshold that evaluate and scan take, and cautions likewise`() throws {
    let table = folder.url.appending(path: "t.csv").path
    var rows = "label,score,camera,source\n"
    for number in 0..<40 {
      rows +=
        "\(number % 2 == 0 ? "ai" : "real"),\(number % 2 == 0 ? 0.99 : 0.6),\(number % 4 < 2 ? "A" : "B"),s\(number % 3)\n"
    }
    try Data(rows.utf8).write(to: URL(filePath: table))
    let result = try CommandLineTool.run(["audit", "fairness", table, "--by", "camera", "--json"])
    #expect(result.status == 0, "\(result.errors)")
    let audit = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let threshold = try #require(audit["threshold"] as? Double)
    // What `evaluate` states of the weights that ship.
    try folder.copy("webui.png", as: "set/ai/a.png")
    try folder.copy("camera.jpg", as: "set/real/b.jpg")
    let evaluated = try CommandLineTool.run([
      "evaluate", folder.url.appending(path: "set").path, "--launder", "none", "--json",
    ])
    let evaluation = try #require(
      try JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [String: Any])
    let card = try #require(evaluation["card"] as? [String: Any])
    let calibration = try #require(card["calibration"] as? [String: Any])
    let limits = try #require(calibration["thresholds"] as? [String: Any])
    #expect(limits["indicated"] as? Double == threshold)
    #expect(audit["sources"] as? Int == 3 && audit["pictures"] as? Int == 40)
    #expect((audit["caution"] as? String)?.contains("40 pictures from 3 sources") == true)
    #expect(result.errors.contains("these figures mean little"))
    let own = try CommandLineTool.run(["audit", "fairness", table, "--by", "camera", "--threshold", "0.5"])
    #expect(own.output.hasPrefix("Threshold 0.5, 40 pictures from 3 sources, intervals of 95 % (Wilson)\n"))
  }

  @Test func `a hundred pictures of five sources need no caution`() throws {
    let table = folder.url.appending(path: "t.csv").path
    let rows = (0..<100).map { "\($0 % 2 == 0 ? "ai" : "real"),0.9,\($0 % 4 < 2 ? "A" : "B"),s\($0 % 5)" }
    try Data((["label,score,camera,source"] + rows).joined(separator: "\n").utf8).write(
      to: URL(filePath: table))
    let result = try CommandLineTool.run(["audit", "fairness", table, "--by", "camera", "--threshold", "0.5"])
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
  }
}
