/// A standard status code of C2PA validation.
///
/// Source: C2PA 2.2 §15.2.1, with the codes that 2.3–2.5 added for images.
public struct StatusCode: Hashable, Sendable, Codable, CustomStringConvertible {
  public let text: String
  public let kind: Kind

  public enum Kind: String, Sendable, Codable { case success, informational, failure }

  private init(_ text: String, _ kind: Kind) {
    self.text = text
    self.kind = kind
  }

  public var description: String { text }

  /// Whether it is about a person or organisation beside the signer (CAWG), not about the manifest.
  var isIdentity: Bool { text.hasPrefix("cawg.") }

  static func success(_ text: String) -> StatusCode { StatusCode(text, .success) }
  static func informational(_ text: String) -> StatusCode { StatusCode(text, .informational) }
  static func failure(_ text: String) -> StatusCode { StatusCode(text, .failure) }

  static let claimSignatureValidated = success("claimSignature.validated")
  static let insideValidity = success("claimSignature.insideValidity")
  static let signerTrusted = success("signingCredential.trusted")
  static let timeStampValidated = success("timeStamp.validated")
  static let timeStampTrusted = success("timeStamp.trusted")
  static let ocspNotRevoked = success("signingCredential.ocsp.notRevoked")
  static let hashedURIMatch = success("assertion.hashedURI.match")
  static let ingredientValidated = success("ingredient.manifest.validated")
  static let ingredientSignatureValidated = success("ingredient.claimSignature.validated")

  static let ocspSkipped = informational("signingCredential.ocsp.skipped")
  static let ocspUnknown = informational("signingCredential.ocsp.unknown")
  static let timeStampMismatch = informational("timeStamp.mismatch")
  static let timeStampMalformed = informational("timeStamp.malformed")
  static let timeStampUntrusted = informational("timeStamp.untrusted")
  static let timeStampOutsideValidity = informational("timeStamp.outsideValidity")
  static let timeStampCredentialInvalid = informational("timeStamp.credentialInvalid")
  static let unknownProvenance = informational("ingredient.unknownProvenance")
  static let assertionRedacted = informational("assertion.redacted")

  static let identityUntrusted = failure("cawg.x509.credential.untrusted")
  static let identityUnavailable = failure("cawg.ica.did_unavailable")
  static let generalError = failure("general.error")
  static let algorithmUnsupported = failure("algorithm.unsupported")
  static let claimMissing = failure("claim.missing")
  static let claimMultiple = failure("claim.multiple")
  static let claimMalformed = failure("claim.malformed")
  static let claimCBORInvalid = failure("claim.cbor.invalid")
  static let hardBindingsMissing = failure("claim.hardBindings.missing")
  static let multipleHardBindings = failure("assertion.multipleHardBindings")
  static let assertionCBORInvalid = failure("assertion.cbor.invalid")
  static let assertionMissing = failure("assertion.missing")
  static let assertionUndeclared = failure("assertion.undeclared")
  static let assertionOutsideManifest = failure("assertion.outsideManifest")
  static let hashedURIMismatch = failure("assertion.hashedURI.mismatch")
  static let actionMalformed = failure("assertion.action.malformed")
  static let actionIngredientMismatch = failure("assertion.action.ingredientMismatch")
  static let actionRedacted = failure("assertion.action.redacted")
  static let softBindingMissing = failure("assertion.action.softBindingMissing")
  static let selfRedacted = failure("assertion.selfRedacted")
  static let dataHashRedacted = failure("assertion.dataHash.redacted")
  static let ingredientMalformed = failure("assertion.ingredient.malformed")
  static let ingredientMissing = failure("ingredient.manifest.missing")
  static let ingredientMismatch = failure("ingredient.manifest.mismatch")
  static let ingredientSignatureMismatch = failure("ingredient.claimSignature.mismatch")
  static let claimSignatureMissing = failure("claimSignature.missing")
  static let claimSignatureMismatch = failure("claimSignature.mismatch")
  static let signerInvalid = failure("signingCredential.invalid")
  static let signerExpired = failure("signingCredential.expired")
  static let signerUntrusted = failure("signingCredential.untrusted")
  static let signerRevoked = failure("signingCredential.ocsp.revoked")
  static let manifestInaccessible = failure("manifest.inaccessible")
  static let compressedInvalid = failure("manifest.compressed.invalid")
  static let multipleParents = failure("manifest.multipleParents")
  static let updateInvalid = failure("manifest.update.invalid")
  static let updateWrongParents = failure("manifest.update.wrongParents")
}

/// A status code at a place of the store.
public struct ValidationStatus: Hashable, Sendable, Codable {
  public var code: StatusCode
  /// A JUMBF URI.
  public var url: String
  public var explanation: String
}
