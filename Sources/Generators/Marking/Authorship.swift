/// What a person and what a model contributed to a picture, in order.
public struct Authorship: Sendable, Hashable {
  public var steps: [GuidedSession.Step]
  /// Files that the person gave as input; they become ingredients of the credentials.
  public var inputs: [GeneratedImage.Source] = []

  public init(steps: [GuidedSession.Step]) { self.steps = steps }

  /// A sentence for each of the two: what stands in the credentials.
  public var statement: String {
    func acts(_ actor: GuidedSession.Step.Actor) -> String {
      steps.filter { $0.actor == actor }.map { "round \($0.round): \($0.text)" }.joined(separator: "; ")
    }
    return "The person: \(acts(.person)). The model: \(acts(.model))."
  }

  /// The creation log as Markdown.
  ///
  /// - Parameter escape: makes a step's text harmless in a table: it holds names of files.
  public func markdown(escaping escape: (String) -> String) -> String {
    "# Creation log\n\n| round | who | what |\n|---|---|---|\n"
      + steps.map { "| \($0.round) | \($0.actor.rawValue) | \(escape($0.text)) |\n" }.joined()
  }
}
