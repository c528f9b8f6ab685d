import Crypto
import Diagnostics
import Foundation
import HTTPTypes
import Hummingbird

/// The files that pages need, read once: no request reaches the disk.
struct Assets: Sendable {
  struct File: Sendable {
    var type: String
    var bytes: [UInt8]
    var tag: String
  }

  /// By name.
  let files: [String: File]
  /// Templates of pages, by their files' names.
  let templates: [String: String]

  private static let types = [
    "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
    "png": "image/png", "jpg": "image/jpeg", "json": "application/json",
  ]

  /// - Throws: ``ServeError`` where the program was installed without them.
  init() throws(ServeError) {
    let folder = Bundle.module.bundleURL.appending(path: "Resources")
    var files: [String: File] = [:]
    var templates: [String: String] = [:]
    for (place, take) in [("web", true), ("templates", false)] {
      let names =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: place).path)) ?? []
      for name in names {
        guard let data = try? Data(contentsOf: folder.appending(path: "\(place)/\(name)")) else { continue }
        if !take {
          templates[name] = String(decoding: data, as: UTF8.self)
        } else if let type = name.split(separator: ".").last.flatMap({ Self.types[String($0)] }) {
          let digest = SHA256.hash(data: data).hexadecimal
          files[name] = File(type: type, bytes: [UInt8](data), tag: "\"\(digest.prefix(16))\"")
        }
      }
    }
    guard files["style.css"] != nil, templates["page.html.mustache"] != nil else {
      throw ServeError(
        "serve.resources", "the server was installed without its pages",
        remedy: "keep the folder Assay_assay-server.resources beside the program",
        location: FaultLocation(file: folder.path))
    }
    self.files = files
    self.templates = templates
  }

  var endpoints: [Endpoint] {
    files.sorted { $0.key < $1.key }.map { name, file in
      Endpoint(
        method: .get, path: "/assets/\(name)", name: name, summary: "", answers: [], isOpen: true,
        isListed: false
      ) { call in
        // Asked for again with every page, so that a newer server's files are taken at once.
        let headers: HTTPFields = [.eTag: file.tag, .cacheControl: "no-cache"]
        if call.request.headers[.ifNoneMatch] == file.tag {
          return Response(status: .notModified, headers: headers)
        }
        return Response(type: file.type, bytes: file.bytes, headers: headers)
      }
    }
  }
}
