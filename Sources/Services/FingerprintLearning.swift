import Examiners
public import Fingerprints
import Foundation
public import ImageFormats
import Images

/// Learns the pattern that a user's own pictures share: those of a model of theirs, as it made them.
public struct FingerprintLearning {
  /// One of the pictures, and how well it carries what the others share.
  public struct Picture: Sendable {
    public var path: FilePath
    /// T of this picture against the template that was estimated without it.
    public var statistic: Double
    /// Whether the fingerprint was estimated from it.
    public var isMember: Bool
  }

  public struct Outcome: Sendable {
    public var fingerprint: Fingerprint
    public var pictures: [Picture]
    /// Left out, since another picture shows the same: content that repeats would be taken for a pattern.
    public var copies: [FilePath]
    /// Left out, with a side below `FingerprintReader/leastSide`, or beyond ``mostPictures``.
    public var unused: [FilePath]
    public var unreadable: [(path: FilePath, error: ImageFormatError)]

    public var members: Int { pictures.count(where: \.isMember) }
  }

  /// More pictures add next to nothing, and 0.4 MB each.
  public static let mostPictures = 1000
  /// Perceptual hashes at most this far apart are of the same picture.
  static let copyDistance = 8

  private var spectra: [PackedSpectrum] = []
  private var paths: [FilePath] = []
  private var hashes: [PerceptualHash] = []
  private var digests: [String] = []
  private var sizes: [(width: Int, height: Int)] = []
  private var copies: [FilePath] = []
  private var unused: [FilePath] = []
  private var unreadable: [(path: FilePath, error: ImageFormatError)] = []

  public init() {}

  /// Takes a picture in.
  public mutating func add(_ path: FilePath) {
    guard paths.count < Self.mostPictures else {
      unused.append(path)
      return
    }
    do {
      let file = try ImageFile(path: path)
      let plane = try file.decode().image.luminance()
      guard min(plane.width, plane.height) >= FingerprintReader.leastSide else {
        unused.append(path)
        return
      }
      let hash = PerceptualHash(plane)
      guard !hashes.contains(where: { $0.distance(to: hash) <= Self.copyDistance }) else {
        copies.append(path)
        return
      }
      spectra.append(PackedSpectrum(WhitenedSpectrum(of: plane)))
      paths.append(path)
      hashes.append(hash)
      digests.append(Fingerprint.Card.digest(of: file.bytes))
      sizes.append((plane.width, plane.height))
    } catch {
      unreadable.append((path, error))
    }
  }

  /// The fingerprint of what was taken in.
  ///
  /// - Parameters:
  ///   - family: the model as a verdict names it.
  ///   - date: the day it is learnt, `2026-11-30`.
  /// - Throws: `FingerprintError` where too few pictures share a pattern.
  public func outcome(family: String, date: String) throws(FingerprintError) -> Outcome {
    guard spectra.count >= FingerprintEstimator.leastPictures else {
      throw FingerprintError(
        "fingerprint.pictures",
        "a fingerprint takes at least \(FingerprintEstimator.leastPictures) pictures that differ, and \(spectra.count) were read",
        remedy: "give more pictures by the same generator, as it made them")
    }
    let trained = try Self.train(spectra)
    let inside = Set(trained.members)
    let shapes = Fingerprint.Card.shapes(of: trained.members.map { sizes[$0] })
    let card = Fingerprint.Card(
      name: Self.name(of: family), family: family, nativeSizes: shapes.sizes, aspects: shapes.aspects,
      dates: "learnt on \(date)", sources: ["its user's own pictures: \(inside.count)"],
      picturesDigest: Fingerprint.Card.digest(ofPictures: trained.members.map { digests[$0] }),
      trainingPictures: inside.count, leftOut: spectra.count - inside.count,
      caveats: ["what it costs in false alarms was not measured beyond the law"],
      estimatedFrom: "pictures that its user named as this model's")
    let fingerprint = Fingerprint(card: card, template: trained.template)
    return Outcome(
      fingerprint: fingerprint,
      pictures: paths.indices.map {
        Picture(path: paths[$0], statistic: trained.statistics[$0], isMember: inside.contains($0))
      },
      copies: copies, unused: unused, unreadable: unreadable)
  }

  /// First from the pictures that are alike pair by pair; where no two are, from all of them.
  static func train(_ spectra: [PackedSpectrum]) throws(FingerprintError) -> FingerprintTrainer.Outcome {
    if let strong = try? FingerprintTrainer(start: .alike).train(spectra),
      strong.members.count >= FingerprintEstimator.leastPictures
    {
      return strong
    }
    let weak = try FingerprintTrainer(start: .all).train(spectra)
    guard weak.members.count >= FingerprintEstimator.leastPictures else {
      throw FingerprintError(
        "fingerprint.empty", "the \(spectra.count) pictures share no pattern",
        remedy: "give pictures as the generator made them, all by one model")
    }
    return weak
  }

  /// `own.` and the family in small letters, digits and hyphens.
  static func name(of family: String) -> String {
    let words = family.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let joined = words.joined(separator: "-").prefix(60)
    return "own." + (joined.isEmpty ? "model" : joined)
  }
}

/// Fingerprints that a user names as files.
public enum OwnFingerprints {
  /// - Throws: `FingerprintError` for a file that is none or damaged, and for one whose name another has.
  public static func read(_ paths: [String]) throws(FingerprintError) -> [Fingerprint] {
    var names = Set(((try? Fingerprint.shipped()) ?? []).map(\.id))
    var found: [Fingerprint] = []
    for path in paths {
      let fingerprint = try Fingerprint(path: path)
      guard names.insert(fingerprint.id).inserted else {
        throw FingerprintError(
          "fingerprint.name", "there is another fingerprint called \(fingerprint.id)",
          remedy: "name each once; one that ships is looked for anyway", location: .init(file: path))
      }
      found.append(fingerprint)
    }
    return found
  }
}
