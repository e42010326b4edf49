import Foundation

/// Why captions can't be made from tags or saved.
public struct PseudoCaptionError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// No track of the input has a tag; the columns searched.
    case noTags(columns: [String])
    /// The output exists and isn't from a run that could be continued.
    case foreignOutput
    /// The file beside the output doesn't contain a run's answers.
    case foreignAnswers
    /// The output belongs to a run with other settings: which one, theirs and ours.
    case otherSettings(name: String, found: String, expected: String)
    /// Another process is writing this output.
    case inUse
    /// The file can't be read or written.
    case file(FileError)
    /// This many tracks got no answer; the reason for the first.
    case unanswered(count: Int, first: String)
  }

  /// The file or server.
  public let file: String
  package let reason: Reason

  package init(_ reason: Reason, file: String) {
    self.file = file
    self.reason = reason
  }

  init(_ error: FileError) { self.init(.file(error), file: error.file) }
}

extension PseudoCaptionError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  /// One line: the file or server, the problem, what to do.
  public var description: String { "\(file): \(problem)" }

  private var problem: String {
    switch reason {
    case .noTags(let columns):
      "no row has a tag in \(columns.joined(separator: ", "))"
    case .foreignOutput:
      "the file exists, but there is no run to resume beside it"
    case .foreignAnswers:
      "the file exists, but doesn't hold a run's answers"
    case .otherSettings(let name, let found, let expected):
      "was begun with \(name) \(found), and now it is \(expected)"
    case .inUse: "another process is writing it"
    case .file(let error): error.problem
    case .unanswered(let count, let first):
      "\(count) requests were refused one by one, the first: \(first). The same command asks for "
        + "them again"
    }
  }
}
