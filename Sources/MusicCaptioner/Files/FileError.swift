import Foundation

/// Why a file can't be read or written. The errors of the folders above carry it in a case `file`,
/// together with what the file should contain.
public struct FileError: Error, Equatable, Sendable {
  package enum Operation: Sendable, Equatable { case read, write }

  package enum Cause: Equatable, Sendable {
    /// There is no such file, or its folder is missing.
    case missing
    case isFolder
    case notAFolder
    /// A device, a pipe or a socket where a file was expected.
    case notAFile
    /// The system refuses; its message.
    case system(String)
    /// Memory or descriptors have run out; the system's message.
    case shortage(String)
    /// The file is shorter or longer than it should be.
    case cutShort(expectedBytes: Int, foundBytes: Int)
    /// The content violates its format.
    case syntax(line: Int, found: String, expected: String)
    case notUTF8(line: Int)
    /// Larger than the limit, such as a row without an end.
    case tooLarge(line: Int, limit: String)
    /// An invalid value, with its path: `training.layers.0`.
    case value(place: String, found: String, expected: String)
  }

  /// The file, as named by the user.
  public var file: String
  package let operation: Operation
  package let cause: Cause
  /// What was expected, if the file doesn't exist or is of the wrong kind.
  package private(set) var expected: String?

  package init(_ cause: Cause, _ operation: Operation, _ file: String) {
    self.file = file
    self.operation = operation
    self.cause = cause
  }

  package init(_ failure: SystemFailure, _ operation: Operation, _ file: String) {
    let isMissing = operation == .read && failure.isAbsence
    let words = failure.description
    self.init(
      isMissing ? .missing : failure.isShortage ? .shortage(words) : .system(words), operation, file
    )
  }

  /// Whether the system refuses the file, which says nothing about what is in it. That a disk can't read it does.
  package var isRefusal: Bool {
    switch cause {
    case .shortage: true
    case .system(let words): words != SystemFailure.inputOutput.description
    default: false
    }
  }

  /// The error with the expected content, such as `a table of tracks`.
  package func expecting(_ what: String) -> FileError {
    var error = self
    error.expected = error.expected ?? what
    return error
  }

  /// The result of `body`; system failures become errors of the file.
  package static func wrapping<Result>(
    _ operation: Operation, _ file: String, _ body: () throws(SystemFailure) -> Result
  ) throws(FileError) -> Result {
    do {
      return try body()
    } catch {
      throw FileError(error, operation, file)
    }
  }
}

extension FileError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  /// One line: the file, the line, what was found, what was expected.
  public var description: String {
    "\(file.isEmpty ? "\"\"" : file)\(line.map { ":\($0)" } ?? ""): \(problem)"
  }

  /// The line of the file, counted from 1.
  public var line: Int? {
    switch cause {
    case .syntax(let line, _, _), .notUTF8(let line), .tooLarge(let line, _): line
    default: nil
    }
  }

  /// What is wrong, without the file's name.
  public var problem: String {
    switch cause {
    case .missing: words + expectation
    case .isFolder, .notAFolder, .notAFile: "\(refusal): \(words)\(expectation)"
    case .system, .shortage: "\(refusal): \(words)"
    default: words
    }
  }

  private var refusal: String { operation == .read ? "can't be read" : "can't be written" }

  private var expectation: String { expected.map { "; expected \($0)" } ?? "" }

  private var words: String {
    switch cause {
    case .missing: "no such file"
    case .isFolder: "it is a folder"
    case .notAFolder: "not a folder"
    case .notAFile: "not a regular file"
    case .system(let words), .shortage(let words): words
    case .cutShort(let expected, let found):
      "\(found < expected ? "is cut short" : "has grown"): \(expected) bytes expected, "
        + "\(found) found; copy or download it again"
    case .syntax(_, let found, let expected): "found \(found); expected \(expected)"
    case .notUTF8: "found bytes that are not UTF-8; expected text in UTF-8"
    case .tooLarge(_, let limit): "too large; expected \(limit)"
    case .value(let place, let found, let expected):
      "\(place.isEmpty ? "" : place + ": ")found \(found); expected \(expected)"
    }
  }
}
