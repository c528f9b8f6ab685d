import Crypto
import Foundation
public import Images

/// NovelAI's own signature: the only statement outside Content Credentials that can be verified offline.
///
/// `signed_hash` in the comment is an Ed25519 signature over the picture's RGB bytes, row by row with alpha
/// dropped, followed by the comment without `signed_hash` as Python's `json.dumps` writes it.
///
/// Source: NovelAI/novelai-image-metadata.
public enum NovelAISignature {
  /// What became of checking a signature.
  public enum Verdict: Sendable, Hashable {
    /// It was made by NovelAI's key over these pixels and this comment.
    case valid
    /// It fits neither: the picture or comment was changed, or somebody else wrote it.
    case invalid
    /// It is not 64 bytes of base64.
    case malformed
  }

  /// NovelAI's public key, base64.
  public static let publicKey = "Y2JcQAOhLwzwSDUJPNgL04nS0Tbqm7cSRc4xk0vRMic="

  /// The first comment with a signature: a PNG `Comment`, or one inside JSON metadata or hidden text.
  static func comment(in fields: MetadataFields) -> (field: MetadataField, json: JSONText)? {
    comments(in: fields).first
  }

  /// All comments with sampler settings, those with a signature first.
  static func comments(in fields: MetadataFields) -> [(field: MetadataField, json: JSONText)] {
    var found: [(field: MetadataField, json: JSONText)] = []
    for field in fields.all where field.value.utf8.contains(UInt8(ascii: "{")) {
      guard field.value.holds("signed_hash") || field.value.holds("sampler"), let json = field.jsonObject
      else {
        continue
      }
      if json.names.contains("signed_hash") || field.foldedName == "comment" && json.names.contains("sampler")
      {
        found.append((field, json))
      } else if let inner = json["Comment"] {
        let comment = inner.string.flatMap { JSONText($0) } ?? inner
        if case .object = comment { found.append((field, comment)) }
      }
    }
    return found.filter { $0.json.names.contains("signed_hash") }
      + found.filter { !$0.json.names.contains("signed_hash") }
  }

  /// Whether the comment's signature is 64 bytes of base64.
  static func isWellFormed(_ comment: JSONText) -> Bool {
    comment["signed_hash"]?.string.flatMap { Data(base64Encoded: $0) }?.count == 64
  }

  /// Checks a comment's signature against the pixels.
  ///
  /// - Parameters:
  ///   - comment: the comment as parsed, with `signed_hash`.
  ///   - image: the decoded picture; grey is signed as RGB.
  ///   - key: the public key, base64 of 32 bytes.
  /// - Returns: nil if the comment has no signature.
  public static func check(comment: JSONText, image: Image, key: String = publicKey) -> Verdict? {
    guard let text = comment["signed_hash"]?.string else { return nil }
    guard let signature = Data(base64Encoded: text), signature.count == 64,
      let raw = Data(base64Encoded: key),
      let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
    else { return .malformed }
    var message = Data(rgbBytes(of: image))
    message.append(contentsOf: signedText(of: comment).utf8)
    return publicKey.isValidSignature(signature, for: message) ? .valid : .invalid
  }

  /// The comment without its signature, as Python writes it.
  static func signedText(of comment: JSONText) -> String {
    guard case .object(let members) = comment else { return comment.pythonDump }
    return JSONText.object(members.filter { $0.name != "signed_hash" }).pythonDump
  }

  private static func rgbBytes(of image: Image) -> [UInt8] {
    let pixels = image.pixels8
    let channels = image.channels
    if channels == 3 { return pixels }
    var result: [UInt8] = []
    result.reserveCapacity(image.pixelCount * 3)
    for start in stride(from: 0, to: pixels.count, by: channels) {
      if channels == 4 {
        result += pixels[start..<(start + 3)]
      } else {
        result += repeatElement(pixels[start], count: 3)
      }
    }
    return result
  }
}
