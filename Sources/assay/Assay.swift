import ArgumentParser

@main
struct Assay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay", abstract: "Tell where an image came from.", version: "0.1.0")
}
