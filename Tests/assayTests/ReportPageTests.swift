import Foundation
import TestSupport
import Testing

private enum Chromium {
  static let program: URL? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"]
    return folders.lazy.flatMap { folder in names.map { "\(folder)/\($0)" } }
      .first(where: FileManager.default.isExecutableFile(atPath:)).map { URL(filePath: $0) }
  }()
}

/// The page in a real browser: Chromium without a window, where one is installed.
@Suite(.enabled(if: Chromium.program != nil, "skipped: no Chromium"), .serialized)
struct ReportPageTests {
  /// Runs the browser with a profile of its own and nothing to resolve.
  static func browse(_ page: URL, _ options: [String]) throws -> CommandLineTool.Outcome {
    let profile = try ScratchFolder()
    return try CommandLineTool.run(
      [
        "--headless", "--disable-gpu", "--no-sandbox", "--hide-scrollbars", "--disable-extensions",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=\(profile.url.path)",
      ] + options + [page.absoluteString], program: try #require(Chromium.program))
  }

  /// An audit of the case with every kind of file, written once.
  // SAFETY: made once and never changed.
  nonisolated(unsafe) static let audit: ScratchFolder? = try? {
    let folder = try ScratchFolder()
    let place = "fixtures/audit-case"
    _ = try AuditCommandTests.assay(
      "audit", "\(place)/pictures", "--rules", "eu,c2pa,cn,ca,in,kr,iptc,merchant,privacy", "--project",
      "\(place)/project.yaml", "--trust", "\(place)/trust/signers.pem", "--tsa-trust",
      "\(place)/trust/tsa.pem",
      "--clock", "2026-11-25T12:00:00Z", "--format", "html,pdf", "-o", folder.url.path)
    return folder
  }()

  static func page() throws -> URL { try #require(audit).url.appending(path: "report.html") }

  /// Measures the page in frames of both widths, all details open; answers with a list of faults.
  private static let probe = """
    <body><pre id="out">running</pre><script>
    const faults = [];
    const page = atob(PAGE);
    const text = new TextDecoder().decode(Uint8Array.from(page, c => c.charCodeAt(0)));
    function luminance(c) {
      const [r, g, b] = c.map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }
    function rgb(s) { const m = s.match(/[\\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m.slice(0, 3); }
    function ground(e) { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c) return c; } return [255, 255, 255]; }
    function check(width) {
      return new Promise(done => {
        const frame = document.createElement('iframe');
        frame.style = 'border:0;height:900px;width:' + width + 'px';
        frame.onload = () => {
          const doc = frame.contentDocument;
          doc.querySelectorAll('details').forEach(d => d.open = true);
          const root = doc.documentElement;
          if (root.clientWidth !== width) faults.push('frame is ' + root.clientWidth);
          if (root.scrollWidth > width) faults.push('overflow at ' + width + ': ' + root.scrollWidth);
          let level = 0;
          doc.querySelectorAll('h1,h2,h3,h4').forEach(h => {
            const l = +h.tagName[1];
            if (l > level + 1) faults.push('heading jumps to ' + h.textContent);
            level = l;
          });
          if (doc.querySelectorAll('h1').length !== 1) faults.push('not one h1');
          const ids = [...doc.querySelectorAll('[id]')].map(e => e.id);
          if (new Set(ids).size !== ids.length) faults.push('an id stands twice');
          doc.querySelectorAll('a[href^="#"]').forEach(a => { if (!doc.getElementById(a.hash.slice(1))) faults.push('link to nowhere ' + a.hash); });
          doc.querySelectorAll('img').forEach(i => { if (!i.alt || !i.complete || !i.naturalWidth) faults.push('picture ' + i.alt); });
          doc.querySelectorAll('svg').forEach(s => { if (!s.getAttribute('aria-label') && s.getAttribute('aria-hidden') !== 'true') faults.push('svg without a name'); });
          doc.querySelectorAll('th').forEach(t => { if (!t.scope) faults.push('th without scope'); });
          const seen = new Set();
          const walker = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
          for (let n; n = walker.nextNode();) {
            const e = n.parentElement;
            if (!n.textContent.trim() || !e.getClientRects().length) continue;
            const style = frame.contentWindow.getComputedStyle(e);
            const ink = rgb(e.closest('svg') ? style.fill : style.color), paper = ground(e);
            const [a, b] = [luminance(ink), luminance(paper)].sort((x, y) => y - x);
            const ratio = (a + 0.05) / (b + 0.05);
            const key = e.tagName + '.' + e.className + ' ' + ink + ' on ' + paper;
            if (ratio < 4.5 && !seen.has(key)) { seen.add(key); faults.push('contrast ' + ratio.toFixed(2) + ' ' + key); }
          }
          const loaded = frame.contentWindow.performance.getEntriesByType('resource').filter(r => !r.name.startsWith('data:'));
          loaded.forEach(r => faults.push('request ' + r.name));
          done();
        };
        frame.srcdoc = text;
        document.body.append(frame);
      });
    }
    check(360).then(() => check(1440)).then(() => { document.getElementById('out').textContent = 'DONE ' + faults.join(' | ') + ' END'; });
    </script>
    """

  @Test(arguments: [("light", 1), ("dark", 0)])
  func `the page fits, contrasts, has its headings in order and asks for nothing`(name: String, scheme: Int)
    throws
  {
    let folder = try ScratchFolder()
    let data = try Data(contentsOf: try Self.page()).base64EncodedString()
    let wrapper = folder.url.appending(path: "probe.html")
    try Data(Self.probe.replacing("PAGE", with: "\"\(data)\"").utf8).write(to: wrapper)
    let run = try Self.browse(
      wrapper,
      [
        "--dump-dom", "--window-size=1600,1000", "--virtual-time-budget=20000",
        "--blink-settings=preferredColorScheme=\(scheme)",
      ])
    let start = try #require(run.output.range(of: "DONE "), "\(run.errors.suffix(500))")
    let end = try #require(run.output.range(of: " END", range: start.upperBound..<run.output.endIndex))
    #expect(run.output[start.upperBound..<end.lowerBound] == "", "\(name)")
  }

  @Test func `the browser logs no error about the page`() throws {
    let run = try Self.browse(try Self.page(), ["--dump-dom", "--enable-logging=stderr", "--v=0"])
    #expect(run.output.contains("</html>"))
    let lines = run.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }
    #expect(lines.isEmpty, "\(lines)")
  }

  @Test func `the PDF has pages`() throws {
    let pdf = try Data(contentsOf: try #require(Self.audit).url.appending(path: "report.pdf"))
    #expect(pdf.starts(with: Data("%PDF-".utf8)) && pdf.count > 50_000)
    #expect(pdf.range(of: Data("/Type /Page\n".utf8)) != nil || pdf.range(of: Data("/Type/Page".utf8)) != nil)
  }
}
