import Foundation

/// An option of decoding that makes no sense, or not with this model.
public struct DecodingOptionsError: Error, Equatable, Sendable, CustomStringConvertible,
  LocalizedError
{
  /// The option's key in configuration files.
  package let key: String
  package let found: String
  package let expected: String

  public var description: String { "generation.\(key) is \(found), expected \(expected)" }
  public var errorDescription: String? { description }
}
