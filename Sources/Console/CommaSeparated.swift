public import ArgumentParser

/// Values of an enumeration, separated by commas.
public struct CommaSeparated<Value: RawRepresentable<String> & CaseIterable & Sendable>:
  ExpressibleByArgument, Sendable
{
  public let values: [Value]

  public init?(argument: String) {
    let parsed = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Value(rawValue: String($0))
    }
    guard !parsed.isEmpty, parsed.allSatisfy({ $0 != nil }) else { return nil }
    values = parsed.compactMap { $0 }
  }

  public static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }
}
