import Diagnostics
import Yams

/// A YAML text that faults can point into.
struct YAMLSource {
  /// What to call the text in errors, usually its path.
  let name: String

  /// The top-level mapping.
  ///
  /// - Throws: ``AuditError`` with line and column where the text is broken, empty or no mapping.
  func root(_ yaml: String, what: String) throws(AuditError) -> YAMLFields {
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch {
      let (place, problem) = Self.told(error)
      throw AuditError(
        code: "yaml.syntax", location: FaultLocation(file: name, path: place),
        message: "the YAML is broken: \(problem)", remedy: "mend the indentation or quotes at that place",
        cause: error)
    }
    guard let root else {
      throw AuditError(
        code: "yaml.empty", location: FaultLocation(file: name), message: "the \(what) is empty",
        remedy: "start from an example in the README")
    }
    return try YAMLFields(root, what: what, self)
  }

  /// Where and what, without the quotation that libyaml's text ends in.
  private static func told(_ error: any Error) -> (place: String?, problem: String) {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let around = context.map { "\($0.text) " } ?? ""
      return ("line \(mark.line), column \(mark.column)", "\(around)\(problem)")
    default: return (nil, "\(error)")
    }
  }

  func fault(_ node: Node, _ code: String, _ message: String, _ remedy: String) -> AuditError {
    let place = node.mark.map { "line \($0.line), column \($0.column)" }
    return AuditError(
      code: code, location: FaultLocation(file: name, path: place), message: message, remedy: remedy)
  }
}

/// The fields of one YAML mapping, asked for by name with errors that point at the line.
struct YAMLFields {
  let node: Node
  private let what: String
  private let source: YAMLSource
  private let values: [String: Node]

  init(_ node: Node, what: String, _ source: YAMLSource) throws(AuditError) {
    guard let mapping = node.mapping else {
      throw source.fault(node, "yaml.shape", "a \(what) is a mapping", "write 'key: value' lines here")
    }
    var values: [String: Node] = [:]
    for (key, value) in mapping { values[key.string ?? ""] = value }
    self.node = node
    self.what = what
    self.source = source
    self.values = values
  }

  subscript(key: String) -> Node? { values[key] }
  var count: Int { values.count }

  func allow(_ keys: [String]) throws(AuditError) {
    for (key, value) in values.sorted(by: { $0.key < $1.key }) where !keys.contains(key) {
      throw source.fault(
        value, "yaml.key", "a \(what) has no field '\(key)'",
        "use \(keys.joined(separator: ", "))")
    }
  }

  func required(_ key: String) throws(AuditError) -> Node {
    guard let value = values[key] else {
      throw source.fault(node, "yaml.missing", "the \(what) has no '\(key)'", "add '\(key): …' to it")
    }
    return value
  }

  func text(_ key: String) throws(AuditError) -> String {
    let value = try required(key)
    guard let text = value.scalar?.string, !text.isEmpty else {
      throw source.fault(value, "yaml.type", "'\(key)' is not a text", "write a text in quotes")
    }
    return text
  }

  func optionalText(_ key: String) throws(AuditError) -> String? {
    values[key] == nil ? nil : try text(key)
  }

  /// One text, or a sequence of them.
  func texts(_ key: String) throws(AuditError) -> [String] {
    guard let items = try required(key).sequence else { return [try text(key)] }
    return try items.map { item throws(AuditError) in
      guard let text = item.scalar?.string else {
        throw source.fault(item, "yaml.type", "an item of '\(key)' is not a text", "write plain values")
      }
      return text
    }
  }

  func list(_ key: String) throws(AuditError) -> [Node] {
    let value = try required(key)
    guard let items = value.sequence else {
      throw source.fault(value, "yaml.type", "'\(key)' is not a list", "write its items as '- …' lines")
    }
    return Array(items)
  }

  func flag(_ key: String) throws(AuditError) -> Bool {
    let value = try required(key)
    guard let flag = value.bool else {
      throw source.fault(value, "yaml.type", "'\(key)' is neither true nor false", "write true or false")
    }
    return flag
  }

  func number(_ key: String) throws(AuditError) -> Double {
    let value = try required(key)
    guard let number = value.float, number.isFinite else {
      throw source.fault(value, "yaml.type", "'\(key)' is not a number", "write a number")
    }
    return number
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ type: Choice.Type
  ) throws(AuditError) -> Choice {
    let text = try text(key)
    guard let choice = Choice(rawValue: text) else {
      throw source.fault(
        try required(key), "yaml.choice", "'\(key)' cannot be '\(text)'",
        "use \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }

  func optionalFlag(_ key: String) throws(AuditError) -> Bool? {
    values[key] == nil ? nil : try flag(key)
  }

  func optionalNumber(_ key: String) throws(AuditError) -> Double? {
    values[key] == nil ? nil : try number(key)
  }

  /// The mapping under `key`, if there is one.
  func optionalFields(_ key: String, allowing keys: [String]) throws(AuditError) -> YAMLFields? {
    guard let node = values[key] else { return nil }
    let fields = try YAMLFields(node, what: "'\(key)' section", source)
    try fields.allow(keys)
    return fields
  }
}
