import Foundation

/// Why a tokenizer could not be read, learned or written.
public struct TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Reason: Equatable, Sendable {
    /// The file can't be read or written.
    case file(FileError)
    /// A folder without tokenizer files.
    case noTokenizer
    case notUTF8(byteOffset: Int)
    case malformedJSON(line: Int, problem: String)
    /// A field has an invalid value.
    case value(field: String, found: String, expected: String)
    /// A kind of tokenizer that can't be read, or that the model can't use.
    case unsupported(field: String, found: String, expected: String)
    case malformedMerge(index: Int, found: String)
    case unknownMergeToken(index: Int, token: String)
    /// Tokens that no merge produces: the list of merges was cut off.
    case missingMerges(tokenCount: Int, example: String)
    case duplicateToken(String)
    case idCollision(id: Int, String, String)
    case idOutOfRange(id: Int, token: String, tokenCount: Int)
    case missingSpecialToken(String)
    case tooManyTokens(Int)
    case tokenTooLong(byteCount: Int, limit: Int)
    case vocabularyTooSmall(requested: Int, minimum: Int)
  }

  /// The file or folder, or nil where none is involved.
  public let file: String?
  package let reason: Reason

  init(_ reason: Reason, file: String?) {
    self.file = file
    self.reason = reason
  }

  init(_ error: FileError) {
    self.init(.file(error.expecting("a tokenizer")), file: error.file)
  }

  public var description: String {
    (file.map { "\($0): " } ?? "") + explanation
  }

  private var explanation: String {
    switch reason {
    case .file(let error):
      return error.problem
    case .noTokenizer:
      return "no tokenizer in this folder: expected tokenizer.json, or vocab.json and merges.txt"
    case .notUTF8(let offset):
      return "not a text file: byte \(offset) is not valid UTF-8; is the file damaged?"
    case .malformedJSON(let line, let problem):
      return "line \(line) is not valid JSON: \(problem); is the file damaged or cut off?"
    case .value(let field, let found, let expected):
      return "\(excerpt(field)) should be \(expected), found \(excerpt(found))"
    case .unsupported(let field, let found, let expected):
      return
        "another kind of tokenizer than can be read here: \(excerpt(field)) is \(excerpt(found)), expected \(expected)"
    case .malformedMerge(let index, let found):
      return
        "merge \(index) should be two tokens separated by one space, found \"\(excerpt(found))\""
    case .unknownMergeToken(let index, let token):
      return "merge \(index) needs the token \"\(excerpt(token))\", which the vocabulary lacks; "
        + "do vocabulary and merges belong together?"
    case .missingMerges(let count, let example):
      return
        "no merge makes \(count) of the vocabulary's tokens, among them \"\(excerpt(example))\"; "
        + "was the list of merges cut off?"
    case .duplicateToken(let token):
      return "the token \"\(excerpt(token))\" stands twice in the vocabulary"
    case .idCollision(let id, let first, let second):
      return "id \(id) belongs to both \"\(excerpt(first))\" and \"\(excerpt(second))\""
    case .idOutOfRange(let id, let token, let count):
      return
        "\"\(excerpt(token))\" has id \(id), but \(count) tokens need the ids 0 to \(count - 1) "
        + "without a gap"
    case .missingSpecialToken(let token):
      return "the vocabulary has no \"\(excerpt(token))\" token"
    case .tooManyTokens(let count):
      return "\(count) tokens or merges; at most \(MergeTable.limit) are supported"
    case .tokenTooLong(let byteCount, let limit):
      return "a token has \(byteCount) bytes; expected \(limit) at most"
    case .vocabularyTooSmall(let requested, let minimum):
      return "a vocabulary of \(requested) tokens was asked for; "
        + "the bytes and the special tokens alone need \(minimum)"
    }
  }
}

extension TokenizerError: LocalizedError {
  public var errorDescription: String? { description }
}
