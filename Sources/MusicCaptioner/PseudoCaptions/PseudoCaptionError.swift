/// Why captions can't be made from tags or saved.
package struct PseudoCaptionError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// An option has an invalid value, or needs another option.
    case option(found: String, expected: String)
    /// An instruction that doesn't say where the tags go.
    case promptWithoutTags
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
    /// The system refuses to write; its message.
    case cannotWrite(String)
    /// The system refuses to read; its message.
    case cannotRead(String)
    /// This many tracks got no answer; the reason for the first.
    case unanswered(count: Int, first: String)
  }

  /// The file, option, prompt or server.
  package let place: String
  package let reason: Reason

  package init(_ reason: Reason, place: String) {
    self.place = place
    self.reason = reason
  }

  package static func option(_ name: String, found: String, expected: String) -> PseudoCaptionError
  {
    PseudoCaptionError(.option(found: found, expected: expected), place: name)
  }
}

extension PseudoCaptionError: CustomStringConvertible {
  /// One line: the place, the problem, what to do.
  package var description: String { "\(place): \(problem)" }

  private var problem: String {
    switch reason {
    case .option(let found, let expected): "found \(found); expected \(expected)"
    case .promptWithoutTags:
      "the instruction has no place for the tags; write {tags} where they go"
    case .noTags(let columns):
      "no row has a tag in \(columns.joined(separator: ", ")); name the column with --tag-column"
    case .foreignOutput:
      "the file exists, and no answers of a run lie beside it; name another --output"
    case .foreignAnswers:
      "the file exists, and doesn't hold the answers of a run; name another --output"
    case .otherSettings(let name, let found, let expected):
      "was begun with \(name) \(found), and now it is \(expected); go on with the same options, or "
        + "name another --output"
    case .inUse: "another process is writing it; wait for its end, or name another --output"
    case .cannotWrite(let why): "can't be written: \(why)"
    case .cannotRead(let why): "can't be read: \(why)"
    case .unanswered(let count, let first):
      "\(count) requests were refused one by one, the first: \(first). The same command asks for "
        + "them again"
    }
  }
}
