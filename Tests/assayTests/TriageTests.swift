import Foundation
import TestSupport
import Testing

/// What a person meets first in a report: what was found, how sure it is, what to do next, and in which order.
struct TriageTests {
  private static func report(_ formats: String) throws -> ScratchFolder {
    let folder = try ScratchFolder()
    let place = "fixtures/audit-case"
    let run = try CommandLineTool.run([
      "audit", "\(place)/pictures", "--rules", "c2pa,privacy,iptc", "--project", "\(place)/project.yaml",
      "--trust",
      "\(place)/trust/signers.pem", "--tsa-trust", "\(place)/trust/tsa.pem", "--clock",
      "2026-11-25T12:00:00Z",
      "--format", formats, "-o", folder.url.path,
    ])
    #expect(run.status == 1, "\(run.errors)")
    return folder
  }

  @Test func `files come by severity, each row with its reason, and the page filters and sorts by itself`()
    throws
  {
    let folder = try Self.report("html,json,md")
    let page = try String(contentsOf: folder.url.appending(path: "report.html"), encoding: .utf8)
    let rows = page.matches(
      of:
        #/<details class="r-(\w+)" style="--n:(\d+)"><summary><code>([^<]*)<\/code> <b>([^<]*)<\/b> <span class="why">([^<]*)<\/span>/#
    )
    let order = ["altered", "conflicting", "unreadable", "fails", "warns"]
    let reasons = rows.map { String($0.1) }
    #expect(rows.count > 15)
    #expect(reasons == reasons.sorted { order.firstIndex(of: $0) ?? 9 < order.firstIndex(of: $1) ?? 9 })
    #expect(reasons.count { $0 == "altered" } == 4)
    for row in rows { #expect(!row.5.isEmpty && !row.5.contains("[Facts"), "\(row.3)") }
    // By name: the numbers are the places of the names in order.
    let byName = rows.sorted { (Int($0.2) ?? 0) < (Int($1.2) ?? 0) }.map { String($0.3) }
    #expect(byName == byName.sorted() && Set(rows.map(\.2)).count == rows.count)
    // Counts by reason, a filter each, no script.
    for (reason, label) in [
      ("altered", "altered (4)"), ("conflicting", "conflicting (1)"), ("unreadable", "not readable (2)"),
    ] {
      #expect(page.contains("id=\"why-\(reason)\"> \(label)"), "\(reason)")
      #expect(page.contains("#attention:has(#why-\(reason):checked) .rows>details:not(.r-\(reason))"))
    }
    #expect(
      page.contains("all (\(rows.count))") && page.contains("id=\"by-name\"") && !page.contains("<script"))
    // The first screen.
    let short = try #require(page.range(of: "<section id=\"short\""))
    let first = page[short.lowerBound...].prefix(3_000)
    for word in [
      "<dt>Found</dt>", "28 files were examined.", "4 × altered after it was signed", "<dt>How sure</dt>",
      "<dt>What next</dt>", "Look at the altered files first",
    ] {
      #expect(first.contains(word), "\(word)")
    }
  }

  @Test func `a rule's result is a sentence first, with its title, and facts behind`() throws {
    let folder = try Self.report("html,md,json,sarif")
    let page = try String(contentsOf: folder.url.appending(path: "report.html"), encoding: .utf8)
    #expect(page.contains("Signed in time <small>C2PA-004</small>"))
    #expect(page.contains("<td>Signed, but without a trusted time stamp. <small>credentials.success = "))
    let sarif = try String(contentsOf: folder.url.appending(path: "report.sarif"), encoding: .utf8)
    #expect(sarif.contains("Signed, but without a trusted time stamp. [Facts: credentials.success = "))
    let report =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: folder.url.appending(path: "report.json"))) as? [String: Any]
    for item in report?["items"] as? [[String: Any]] ?? [] {
      for judgement in item["judgements"] as? [[String: Any]] ?? [] {
        let finding = judgement["finding"] as? String ?? ""
        #expect(finding.first?.isUppercase == true && finding.contains(". [Facts: "), "\(finding)")
      }
    }
  }

  @Test func `a ratio is never zero and never stronger than its decimals bear`() throws {
    let folder = try Self.report("html")
    let page = try String(contentsOf: folder.url.appending(path: "report.html"), encoding: .utf8)
    for match in page.matches(
      of: #/Likelihood ratio ([^:]*): ([^,]*), before any other knowledge \(H1: [^;]*; H2: [^)]*\)/#)
    {
      #expect(!["0", "0.0"].contains(match.1) && !match.2.hasPrefix("very strong"), "\(match.0)")
    }
    #expect(!page.contains("Likelihood ratio 0:") && !page.contains("Likelihood ratio 0.0:"))
  }

  @Test func `one row a picture`() throws {
    let folder = try Self.report("pictures,json")
    let text = try String(contentsOf: folder.url.appending(path: "pictures.csv"), encoding: .utf8)
    let rows = text.split(separator: "\r\n")
    #expect(rows.count == 29)
    #expect(rows[0] == "file,outcome,reason,generator,signer,camera,dates,place,probability,sha256")
    let scan = try CommandLineTool.run([
      "scan", "--only", "provenance", "--format", "csv", "fixtures/audit-case/pictures/photos/position.jpg",
      "fixtures/gallery/webui.png",
    ])
    let cells = scan.output.split(separator: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(scan.status == 0 && cells.count == 3)
    #expect(
      cells[1].contains { $0.contains("T") && $0.contains(":") } && scan.output.contains("geo:"),
      "\(scan.output)")
    #expect(cells[2].contains("Stable Diffusion WebUI") && cells[2].contains("aiDeclared"))
  }
}
