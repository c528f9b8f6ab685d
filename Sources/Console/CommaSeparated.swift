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
