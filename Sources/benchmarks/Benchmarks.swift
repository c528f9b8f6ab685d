import ArgumentParser

@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks", abstract: "Timed cases, each against a peer.",
    subcommands: [WatermarkRobustness.self, WatermarkFalseAlarms.self])
}
