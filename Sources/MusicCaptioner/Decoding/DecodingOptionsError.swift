import Foundation

/// A decoding option that is invalid, or doesn't fit the model.
package struct DecodingOptionsError: Error, Equatable, Sendable, CustomStringConvertible,
  LocalizedError
{
  /// The option's key in configuration files.
  package let key: String
  package let found: String
  package let expected: String

  package var description: String { "generation.\(key) is \(found), expected \(expected)" }
  package var errorDescription: String? { description }
}
