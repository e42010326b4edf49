import Foundation

/// Why captions can't be evaluated.
package struct EvaluationError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// It can't be read or written.
    case file(FileError)
    /// METEOR needs WordNet, and its folder isn't there.
    case noWordNet
    /// Another process is at the same work.
    case inUse
    case notUTF8(byteOffset: Int)
    case malformedJSON(line: Int, problem: String)
    /// Rows of a CSV or TSV file that don't make a table.
    case malformedTable(line: Int, problem: String)
    /// A file without anything in it.
    case empty
    /// A record or a field holds what it can't hold.
    case value(record: Int, field: String?, found: String, expected: String)
    /// A record has none of the fields that it could have.
    case missingField(record: Int, names: [String])
    /// The predictions have no references, and no other file has been named.
    case noReferences
    /// Nothing but their order says what belongs together, and there are not as many.
    case unequalCounts(predictions: Int, references: Int, other: String)
    /// Clips that only one of two files has.
    case missingIDs(count: Int, example: String, other: String)
    case duplicateID(String, records: [Int])
    /// Two systems can only be compared on the same references; the first record that differs.
    case otherReferences(record: Int, other: String)
    /// A file of ratings lacks what rating pages export.
    case notRatings(field: String, found: String, expected: String)
    /// Ratings of one page can't be counted with those of another.
    case otherPage(found: String, expected: String, other: String)
    /// Two files of ratings have the same rater.
    case duplicateRater(String, other: String)
    /// No clip has an audio file; the name of one.
    case noAudio(example: String)
    /// The folder holds another model than can be used.
    case unsupported(field: String, found: String, expected: String)
  }

  /// The file or folder.
  package let file: String
  package let reason: Reason

  package init(_ reason: Reason, file: String) {
    self.file = file
    self.reason = reason
  }

  package init(_ error: FileError) { self.init(.file(error), file: error.file) }
}

extension EvaluationError: CustomStringConvertible, LocalizedError {
  package var errorDescription: String? { description }

  package var description: String { "\(file): \(problem)" }

  private var problem: String {
    switch reason {
    case .file(let error): error.problem
    case .noWordNet:
      "no WordNet here; without its synonyms meteor_1.0 would be about 0.006 too low"
    case .inUse: "in use by another evaluate; wait for its end, or choose another name"
    case .notUTF8(let offset):
      "not a text file in UTF-8: byte \(offset) is not valid; is the file damaged?"
    case .malformedJSON(let line, let problem):
      "line \(line) is not valid JSON: \(problem); is the file damaged or cut off?"
    case .malformedTable(let line, let problem): "line \(line): \(problem)"
    case .empty: "empty; expected captions or ratings"
    case .value(let record, let field, let found, let expected):
      "record \(record)\(field.map { ", field \"\($0)\"" } ?? ""): found \(found); "
        + "expected \(expected)"
    case .missingField(let record, let names):
      "record \(record) has none of the fields \(names.joined(separator: ", "))"
    case .noReferences:
      "the predictions have no references beside them"
    case .unequalCounts(let predictions, let references, let other):
      "\(predictions) predictions, but \(references) in \(other); without ids in both files, "
        + "there must be as many, in the same order"
    case .missingIDs(let count, let example, let other):
      "lacks \(count) of the clips in \(other), among them \"\(example)\""
    case .duplicateID(let id, let records):
      "the clip \"\(id)\" stands there twice, in the records "
        + records.map(String.init).joined(separator: " and ") + "; expected one record for each"
    case .otherReferences(let record, let other):
      "record \(record) has other references than in \(other); two systems can only be compared "
        + "on the same references"
    case .duplicateRater(let name, let other):
      "has the rater \"\(name)\", as \(other) has; expected one file for each rater"
    case .otherPage(let found, let expected, let other):
      "ratings of page \(found), but those in \(other) are of page \(expected); only ratings of one "
        + "page can be counted together"
    case .noAudio(let example):
      "no audio file for any clip, such as \"\(example)\"; expected files named by the clips' ids, "
        + "with one of the endings wav, flac, ogg, opus, mp3, m4a"
    case .notRatings(let field, let found, let expected),
      .unsupported(let field, let found, let expected):
      "\(field) is \(found); expected \(expected)"
    }
  }
}
