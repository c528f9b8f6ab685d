public import ArgumentParser
import Diagnostics

/// Values of an enumeration, separated by commas.
public struct CommaSeparated<Value: RawRepresentable<String> & CaseIterable & Sendable>:
  ExpressibleByArgument, Sendable
{
  public let values: [Value]

  /// Words in any case.
  public init?(argument: String) {
    let parsed = argument.split(separator: ",", omittingEmptySubsequences: false).map(Self.value)
    guard !parsed.isEmpty, parsed.allSatisfy({ $0 != nil }) else { return nil }
    values = parsed.compactMap { $0 }
  }

  /// As ``init(argument:)``, for an option's `transform`: what it throws names the wrong word and the nearest right one.
  @Sendable public static func parsing(_ argument: String) throws -> Self {
    if let known = Self(argument: argument) { return known }
    let word =
      argument.split(separator: ",", omittingEmptySubsequences: false).first { value($0) == nil }
      .map(String.init) ?? ""
    let near = NearWords.nearest(to: word, among: allValueStrings).map { "; did you mean '\($0)'?" } ?? "."
    throw ValidationError(
      "there is no '\(TerminalText.escaping(word))'\(near) Known: \(allValueStrings.joined(separator: ", "))")
  }

  private static func value(_ word: Substring) -> Value? {
    let word = word.lowercased()
    return Value.allCases.first { $0.rawValue.lowercased() == word }
  }

  public static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }
}

/// The word that somebody may have meant.
public enum NearWords {
  /// The known word that is fewest letters away, in any case; nil where none is near.
  public static func nearest(to word: String, among known: [String]) -> String? {
    let ranked = known.map { ($0, distance(word.lowercased(), $0.lowercased())) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(1, best.0.count / 3) else { return nil }
    return best.0
  }

  /// Letters to insert, leave out or exchange (Levenshtein).
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
      var corner = row[0]
      row[0] = index + 1
      for column in right.indices {
        let next = min(row[column + 1] + 1, row[column] + 1, corner + (letter == right[column] ? 0 : 1))
        corner = row[column + 1]
        row[column + 1] = next
      }
    }
    return row[right.count]
  }
}

/// Whole numbers from 0 on, separated by commas.
public struct NumberList: ExpressibleByArgument, Sendable {
  public var numbers: [Int] = []

  public init() {}

  public init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !parts.isEmpty, parts.allSatisfy({ ($0 ?? -1) >= 0 }) else { return nil }
    numbers = parts.compactMap { $0 }
  }
}

/// Paths separated by commas; where a file has the whole text as its name, that file alone.
public struct PathList: ExpressibleByArgument, Sendable {
  public let paths: [String]

  public init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    paths = RawArguments.path(argument).exists ? [argument] : parts
    guard paths.allSatisfy({ !$0.isEmpty }) else { return nil }
  }
}
