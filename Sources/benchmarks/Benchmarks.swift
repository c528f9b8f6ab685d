import ArgumentParser

@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks", abstract: "Times and tries Assay, beside its peers where they are installed.",
    subcommands: [
      TimedCases.self, WatermarkFalseAlarms.self, AssayMarkFalseAlarms.self,
      WatermarkRobustness.self, CredentialsMutation.self, GeneratorDistances.self, StyleTiles.self,
      UpsamplerQuality.self, StyleDistances.self, GeneratorCoverage.self, DetectorRegions.self,
      VisibleMarkEvaluation.self, FingerprintNull.self,
      FingerprintRates.self, FingerprintRegions.self,
      FingerprintSurvey.self, CopySearchBenchmark.self,
    ],
    defaultSubcommand: TimedCases.self)
}
