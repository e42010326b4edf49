import Foundation

/// What is wrong with a configuration, and where.
///
/// `description` is one line that names the file, the line (or the override), the key path, what
/// was found and what would be right.
public struct ConfigurationError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// It can't be read or written.
    case file(FileError)
    /// Not YAML, or YAML that a configuration has no use for.
    case syntax(String)
    /// More than a configuration may hold, such as aliases that multiply without end.
    case tooLarge(limit: String)
    /// An override that is not of the form `key.path=value`, or whose path leads nowhere.
    case badOverride(String)
    case duplicateKey(String)
    /// A key that nothing reads: its name, the nearest that something does, and all that are.
    case unknownKey(String, nearest: String?, allowed: [String])
    /// A key that has no default and was not given.
    case missingKey(String)
    case wrongType(found: String, expected: String)
    /// A word that is not one of an enumeration's.
    case unknownValue(found: String, nearest: String?, allowed: [String])
    /// The right type, but a value that can't be used.
    case invalid(found: String, expected: String)
  }

  /// The configuration file, as it was named, where there is one.
  public var file: String?
  /// The line or override that is at fault, where it is known.
  package var place: ConfigurationPlace?
  /// The dotted key path (`data.train.0.split`); empty for the whole.
  public var path: String
  package var reason: Reason

  package init(
    file: String? = nil, place: ConfigurationPlace? = nil, path: String = "", reason: Reason
  ) {
    self.file = file
    self.place = place
    self.path = path
    self.reason = reason
  }

  /// A value that the options themselves refuse.
  package init(_ problem: OptionError) {
    self.init(
      path: problem.key, reason: .invalid(found: problem.found, expected: problem.expected))
  }
}

extension OptionError {
  /// The same, of options that stand in no file.
  init(_ error: ConfigurationError) {
    switch error.reason {
    case .invalid(let found, let expected), .wrongType(let found, let expected):
      self.init(error.path, found: found, expected: expected)
    case .unknownValue(let found, _, let allowed):
      self.init(error.path, found: found, expected: "one of \(allowed.joined(separator: ", "))")
    default:
      self.init(error.path, found: error.problem, expected: "an option")
    }
  }
}

extension ConfigurationError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  public var description: String { description(ofOverrides: "override") }

  /// The line with a command's name for overrides in it.
  package func description(ofOverrides name: String) -> String {
    var places: [String] = []
    if let file { places.append(file) }
    switch place {
    case .line(let line): places = [file.map { "\($0):\(line)" } ?? "configuration line \(line)"]
    case .override(let text): places.append("\(name) \(clippedForMessage(text))")
    case nil: break
    }
    let start = places.joined(separator: ", ")
    return start.isEmpty ? words : "\(start): \(words)"
  }

  /// What is wrong under which key, without the file.
  public var words: String {
    path.isEmpty ? problem : "\(clippedForMessage(path)): \(problem)"
  }

  fileprivate var problem: String {
    switch reason {
    case .file(let error): return error.problem
    case .syntax(let problem): return problem
    case .tooLarge(let limit): return "too large for a configuration: at most \(limit)"
    case .badOverride(let problem): return problem
    case .duplicateKey(let key):
      return "the key \(quotedForMessage(key)) is given more than once; keep one of them"
    case .unknownKey(let key, let nearest, let allowed):
      let unknown = "unknown key \(quotedForMessage(key))"
      if let nearest { return "\(unknown); did you mean \"\(nearest)\"?" }
      if allowed.isEmpty { return "\(unknown); no keys are known here" }
      return "\(unknown); the keys here are \(listed(allowed))"
    case .missingKey(let key):
      return "the key \(quotedForMessage(key)) is needed and has no default; add it"
    case .wrongType(let found, let expected):
      return "expected \(expected), found \(found)"
    case .unknownValue(let found, let nearest, let allowed):
      let hint = nearest.map { "; did you mean \"\($0)\"?" } ?? ""
      return "expected one of \(listed(allowed)), found \(found)\(hint)"
    case .invalid(let found, let expected):
      return "expected \(expected), found \(found)"
    }
  }

  private func listed(_ names: [String]) -> String {
    names.map(clippedForMessage).joined(separator: ", ")
  }
}
