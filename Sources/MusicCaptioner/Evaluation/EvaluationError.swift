import Foundation

/// Why captions can't be evaluated.
public struct EvaluationError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// The file can't be read or written.
    case file(FileError)
    /// METEOR needs WordNet, and its folder isn't there.
    case noWordNet
    /// Another process is writing the same output.
    case inUse
    case notUTF8(byteOffset: Int)
    case malformedJSON(line: Int, problem: String)
    /// Rows of a file, other than JSON, that don't make a table.
    case malformedTable(line: Int, problem: String)
    /// An empty file.
    case empty
    /// A record or a field has an invalid value.
    case value(record: Int, field: String?, found: String, expected: String)
    /// A record has none of the accepted fields.
    case missingField(record: Int, names: [String])
    /// The predictions have no references, and no file of references was given; the columns in which
    /// they are looked for.
    case noReferences(columns: [String])
    /// Records can only be matched by order, but the counts differ.
    case unequalCounts(predictions: Int, references: Int, other: String)
    /// Clips that only one of two files has.
    case missingIDs(count: Int, example: String, other: String)
    case duplicateID(String, records: [Int])
    /// Two systems can only be compared on the same references; the first record that differs.
    case otherReferences(record: Int, other: String)
    /// A file of ratings lacks something that rating pages export.
    case notRatings(field: String, found: String, expected: String)
    /// Ratings of one page can't be combined with those of another.
    case otherPage(found: String, expected: String, other: String)
    /// Two files of ratings are by the same rater.
    case duplicateRater(String, other: String)
    /// No clip has an audio file; an example.
    case noAudio(example: String)
    /// Two systems have the same caption for every clip.
    case sameCaptions(count: Int, other: String)
    /// The folder contains a kind of model that isn't supported.
    case unsupported(field: String, found: String, expected: String)
  }

  /// The file or folder.
  public let file: String
  package let reason: Reason

  package init(_ reason: Reason, file: String) {
    self.file = file
    self.reason = reason
  }

  package init(_ error: FileError) { self.init(.file(error), file: error.file) }
}

extension EvaluationError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  public var description: String { "\(file): \(problem)" }

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
    case .empty: "empty: no records of captions or ratings"
    case .value(let record, let field, let found, let expected):
      "record \(record)\(field.map { ", field \"\($0)\"" } ?? ""): found \(found); "
        + "expected \(expected)"
    case .missingField(let record, let names):
      "record \(record) has none of the fields \(names.joined(separator: ", "))"
    case .noReferences(let columns):
      "the predictions have no references beside them, in \(columns.joined(separator: ", "))"
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
    case .sameCaptions(let count, let other):
      "has the same captions as \(other), of all \(count) clips, so there is nothing to choose; "
        + "expected two systems' predictions"
    case .notRatings(let field, let found, let expected),
      .unsupported(let field, let found, let expected):
      "\(field) is \(found); expected \(expected)"
    }
  }
}
