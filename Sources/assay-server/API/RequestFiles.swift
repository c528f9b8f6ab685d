import HTTPTypes
import Hummingbird
import ImageFormats
import Requests

/// A file that came with a request.
struct GivenFile: Sendable {
  /// What it is called in answers: the last part of the client's name for it. It opens nothing.
  var name: String
  var bytes: [UInt8]
  /// The part of the budget that it takes, while it is held.
  var share: HeldShare

  /// The picture, which has no neighbours whatever it is called.
  func image(_ limits: ReadLimits) -> ImageFile {
    ImageFile(bytes: bytes, path: FilePath(name), companions: [:], limits: limits)
  }

  /// The files, each of another name: telephones call every photograph alike, and what is found is shown by name.
  static func apart(_ files: [GivenFile]) -> [GivenFile] {
    zip(files, ClientNames.apart(files.map(\.name))).map { file, name in
      var file = file
      file.name = name
      return file
    }
  }
}

/// What a form holds.
struct GivenForm: Sendable {
  var files: [(field: String, file: GivenFile)]
  var fields: [String: String]

  /// The file of a field; nil where there is none.
  ///
  /// - Throws: ``Problem`` where there are two: nobody knows which is meant.
  func file(_ name: String) throws(Problem) -> GivenFile? {
    let found = files.filter { $0.field == name }
    guard found.count < 2 else { throw .twice(name) }
    return found.first?.file
  }
}

extension Call {
  static let formType = "multipart/form-data"

  private var contentType: String { request.headers[.contentType] ?? "" }

  private var mediaType: String { HeaderValue.mediaType(contentType) }

  var isForm: Bool { mediaType == Self.formType }

  /// Reads the whole body, each part as it comes.
  ///
  /// - Throws: ``Problem`` for one that is too large, packed, or more than is held at once.
  private func read(limit: Int, _ share: HeldShare, _ take: (ByteBuffer) throws -> Void) async throws {
    if let packing = request.headers[.contentEncoding], packing.lowercased() != "identity" {
      throw Problem(
        .unsupportedMediaType, "serve.encoding", "content is taken as it is, not packed",
        remedy: "send it without Content-Encoding")
    }
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
      throw Problem.tooLarge(limit)
    }
    var count = 0
    for try await part in request.body {
      count += part.readableBytes
      guard count <= limit else { throw Problem.tooLarge(limit) }
      guard share.grow(by: part.readableBytes) else { throw Problem.busy(5) }
      try take(part)
    }
  }

  /// The body as it is.
  ///
  /// - Parameter limit: bytes.
  func bytes(limit: Int? = nil) async throws -> (bytes: [UInt8], share: HeldShare) {
    let share = HeldShare(server.budget)
    var bytes: [UInt8] = []
    try await read(limit: limit ?? server.settings.maxBody, share) { part in
      bytes.append(contentsOf: part.readableBytesView)
    }
    return (bytes, share)
  }

  /// Bytes of an object in JSON: what is asked for with one has some numbers and texts, and is read where nobody shall wait.
  static let mostJSON = 64 << 10

  /// An object in JSON.
  func json() async throws -> JSONFields {
    guard mediaType == "application/json" else { throw Problem.mediaType(["application/json"]) }
    return try JSONFields(try await bytes(limit: Self.mostJSON).bytes)
  }

  /// Bytes of a form in which its first field, the token, has to be.
  private static let tokenPrefix = 8 << 10

  /// A form of files and fields. Where the token is due and no header shows it, the first field has to be the token: until it
  /// was found right, no more than ``tokenPrefix`` bytes are read.
  ///
  /// - Parameter limit: bytes of the whole.
  func form(maxParts: Int = 220, limit: Int? = nil) async throws -> GivenForm {
    guard isForm else { throw Problem.mediaType([Self.formType]) }
    let share = HeldShare(server.budget)
    var reader = try MultipartReader(contentType: contentType, maxParts: maxParts)
    var due = request.headers[.authorization] == nil ? server.settings.token : nil
    var count = 0
    try await read(limit: limit ?? server.settings.maxBody, share) { part in
      var part = part.readableBytesView
      if let token = due {
        let head = part.prefix(Self.tokenPrefix - count)
        count += head.count
        part = part.dropFirst(head.count)
        try reader.feed(head)
        if let first = reader.parts.first {
          guard first.name == "token", token.matches(String(decoding: first.bytes, as: UTF8.self)) else {
            throw Problem.token
          }
          due = nil
        } else if count >= Self.tokenPrefix {
          throw Problem.token
        }
      }
      try reader.feed(part)
    }
    guard due == nil else { throw Problem.token }
    var form = GivenForm(files: [], fields: [:])
    for part in try reader.finish() {
      if let name = part.fileName {
        // A form without a choice sends an empty file without a name.
        guard !(name.isEmpty && part.bytes.isEmpty) else { continue }
        form.files.append(
          (part.name, GivenFile(name: ClientNames.plain(name), bytes: part.bytes, share: share)))
      } else {
        let value = String(decoding: part.bytes, as: UTF8.self)
        guard form.fields.updateValue(value, forKey: part.name) == nil else {
          throw Problem.twice(part.name)
        }
      }
    }
    return form
  }

  /// One picture: the body, or the one file of a form.
  func picture() async throws -> GivenFile {
    let files = try await pictures(most: 1)
    return files[0]
  }

  /// The pictures: the body, or all files of a form.
  func pictures(most: Int, limit: Int? = nil) async throws -> [GivenFile] {
    guard isForm else {
      let types = [
        "application/octet-stream", "image/", "",
        // What a command line sends that was told nothing else.
        "application/x-www-form-urlencoded",
      ]
      guard types.contains(where: { $0.hasSuffix("/") ? mediaType.hasPrefix($0) : mediaType == $0 }) else {
        throw Problem.mediaType(["application/octet-stream", "image/…", Self.formType])
      }
      let (bytes, share) = try await bytes()
      guard !bytes.isEmpty else { throw Self.noPicture }
      return [GivenFile(name: ClientNames.plain(query["name"]), bytes: bytes, share: share)]
    }
    let files = try await form(limit: limit).files.map(\.file)
    guard !files.isEmpty else { throw Self.noPicture }
    guard files.count <= most else {
      throw Problem(
        .contentTooLarge, "serve.files",
        most == 1 ? "one picture is taken here" : "there are more than the \(most) pictures that are taken",
        remedy: "send fewer at once")
    }
    return GivenFile.apart(files)
  }

  static let noPicture = Problem(
    .badRequest, "serve.picture", "there is no picture in the request",
    remedy: "send its bytes as the content, or as a file of a form")
}
