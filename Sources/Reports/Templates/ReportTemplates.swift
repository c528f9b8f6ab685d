import Diagnostics
import Foundation
import Mustache

/// The Mustache templates of one kind of report: `Resources/Templates/NAME.KIND.mustache`.
///
/// Every value in double braces is escaped for the kind, with control and direction characters made harmless. Triple
/// braces are for drawings that the project makes, and for nothing else; a test holds the templates to that.
/// A backslash at the end of a line joins it with the next one, whose indentation goes, and a file's last line
/// break is not part of its template: so templates can be laid out without spaces in the report.
package struct ReportTemplates: Sendable {
  static let html = Result<ReportTemplates, ReportError> { () throws(ReportError) in
    try ReportTemplates(kind: "html", contentType: pageContent)
  }

  /// The name of the content type that escapes for HTML.
  private static let pageContent: String = {
    MustacheContentTypes.register(PageContent(), named: "ASSAY_HTML")
    return "ASSAY_HTML"
  }()

  static let markdown = Result<ReportTemplates, ReportError> { () throws(ReportError) in
    MustacheContentTypes.register(MarkdownContent(), named: "ASSAY_MARKDOWN")
    return try ReportTemplates(kind: "md", contentType: "ASSAY_MARKDOWN")
  }

  private var library = MustacheLibrary()

  private init(kind: String, contentType: String) throws(ReportError) {
    var files: [String: String] = [:]
    for file in try ReportResources.names(in: "Templates") {
      files[file] = String(decoding: try ReportResources.data("Templates/\(file)"), as: UTF8.self)
    }
    try self.init(files: files, kind: kind, contentType: contentType)
  }

  /// Pages of another program: templates `NAME.html.mustache` by their files' names.
  ///
  /// - Throws: ``ReportError`` `report.template` for one that is wrong.
  package init(pages files: [String: String]) throws(ReportError) {
    try self.init(files: files, kind: "html", contentType: Self.pageContent)
  }

  private init(files: [String: String], kind: String, contentType: String) throws(ReportError) {
    let ending = ".\(kind).mustache"
    for (file, content) in files.sorted(by: { $0.key < $1.key }) {
      let isStyle = kind == "html" && file.hasSuffix(".css")
      guard file.hasSuffix(ending) || isStyle else { continue }
      var source = content
      if source.hasSuffix("\n") { source.removeLast() }
      let joined = source.replacing(#/\\\n[ ]*/#, with: "")
      // Each file says its content type: a partial would fall back to the library's own.
      let text = "{{% CONTENT_TYPE: \(contentType)}}\n" + joined
      let name = String(file.dropLast(isStyle ? 4 : ending.count))
      do { try library.register(text, named: name) } catch {
        throw ReportError(
          code: "report.template", location: FaultLocation(file: file),
          message: "the template is wrong: \(error)",
          remedy: "install assay again", cause: error)
      }
    }
  }

  /// As ``render(_:_:)``, with the catalogue's words under the name `text`.
  package func render(_ name: String, _ view: ReportView, text: ReportText) -> String {
    render(name, view.merging(["text": TextNode(text: text)]) { $1 })
  }

  /// - Parameters:
  ///   - name: a template of this kind.
  ///   - view: what it shows.
  func render(_ name: String, _ view: ReportView) -> String {
    library.render(view, withTemplate: name) ?? ""
  }
}

/// What a template shows: texts, numbers, flags, drawings, lists of views, by name.
package typealias ReportView = [String: Any]

/// Views that are made one by one, as ten thousand rows at once would fill the memory.
struct LazyViews: MustacheSequence {
  let count: Int
  let view: (Int) -> ReportView

  func makeIterator() -> AnyIterator<ReportView> {
    var next = 0
    return AnyIterator {
      guard next < count else { return nil }
      defer { next += 1 }
      return view(next)
    }
  }
}

/// The catalogue as templates see it: `{{text.headings.inShort}}`.
struct TextNode: MustacheParent {
  let text: ReportText
  var path = ""

  func child(named name: String) -> Any? {
    let key = path.isEmpty ? name : "\(path).\(name)"
    return text.holds(key) ? text[key] : TextNode(text: text, path: key)
  }
}

private struct PageContent: MustacheContentType {
  func escapeText(_ text: String) -> String { Markup.escape(text) }
}

private struct MarkdownContent: MustacheContentType {
  func escapeText(_ text: String) -> String { MarkdownText.escape(text) }
}
