import Foundation

/// Settings that a person chooses, each with a default.
///
/// A file or a command line gives some of them; what it leaves out keeps its default.
///
/// ```swift
/// struct TagOptions: Options {
///   var lossWeight = 0.5
///
///   var problems: [OptionError] {
///     lossWeight >= 0
///       ? [] : [OptionError("loss_weight", found: "\(lossWeight)", expected: "0 or more")]
///   }
/// }
/// ```
public protocol Options: Codable, Sendable, Equatable {
  /// The defaults.
  init()

  /// Values that can't be used; empty for valid options.
  var problems: [OptionError] { get }
}

extension Options {
  public var problems: [OptionError] { [] }

  /// - Throws: The first value that can't be used.
  public func validate() throws(OptionError) {
    if let problem = problems.first { throw problem }
  }
}

/// An option with a value that can't be used.
public struct OptionError: Error, Equatable, Sendable {
  /// The option's key in files, behind those of the sections around it: `filter.minimum_coverage`.
  public let key: String
  public let found: String
  public let expected: String

  public init(_ key: String, found: String, expected: String) {
    self.key = key
    self.found = found
    self.expected = expected
  }

  /// The same problem, seen from the options that hold these as a section.
  package func within(_ section: String) -> OptionError {
    OptionError(dottedPath([section, key]), found: found, expected: expected)
  }
}

extension OptionError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  /// One line: the key, what was found, what was expected.
  public var description: String { "\(key): found \(found); expected \(expected)" }
}

/// Collects the problems of options whose properties are `Key`'s cases.
struct OptionChecks<Key: CodingKey> {
  private(set) var problems: [OptionError] = []

  /// - Parameters:
  ///   - found: The value, or words for it.
  ///   - expected: Which values can be used, in words.
  mutating func check(
    _ isValid: Bool, _ key: Key, _ found: Any, _ expected: @autoclosure () -> String
  ) {
    if !isValid {
      problems.append(OptionError(name(key), found: "\(found)", expected: expected()))
    }
  }

  /// Adds the problems of a section.
  mutating func include(_ section: some Options, _ key: Key) {
    problems += section.problems.map { $0.within(name(key)) }
  }

  /// Adds the problems of the sections in a list.
  mutating func include(_ sections: [some Options], _ key: Key) {
    for (index, section) in sections.enumerated() {
      problems += section.problems.map { $0.within(dottedPath([name(key), "\(index)"])) }
    }
  }

  private func name(_ key: Key) -> String { configurationKey(forProperty: key.stringValue) }
}
