import Foundation

/// One rater's answers on a rating page, with the systems' names restored.
package struct Ratings: Sendable, Equatable {
  package enum Preference: Int, Sendable, CaseIterable {
    case a
    case b
    case tie
  }

  package struct Rating: Sendable, Equatable {
    /// The item's position on the page.
    package let item: Int
    package let preference: Preference
    /// Whether the preferred caption was the first one; nil for a tie.
    package let choseFirst: Bool?
    /// Whether the rater answered without having played the clip.
    package let isUnheard: Bool
  }

  package let rater: String
  /// The page's id.
  package let page: String
  package let key: RatingKey
  package let ratings: [Rating]

  /// Reads the ratings of several raters on one page.
  ///
  /// - Throws: `EvaluationError` if a file is missing or damaged, is for another page than the
  ///   first, or is by the same rater as another file.
  package static func read(_ paths: [String]) throws(EvaluationError) -> [Ratings] {
    var all: [Ratings] = []
    var filesOfRaters: [String: String] = [:]
    for path in paths {
      let ratings = try Ratings(path)
      if let first = all.first, ratings.page != first.page || ratings.key != first.key {
        throw EvaluationError(
          .otherPage(found: ratings.page, expected: first.page, other: paths[0]), file: path)
      }
      if let other = filesOfRaters[ratings.rater] {
        throw EvaluationError(.duplicateRater(ratings.rater, other: other), file: path)
      }
      filesOfRaters[ratings.rater] = path
      all.append(ratings)
    }
    return all
  }

  /// - Throws: `EvaluationError` with the file and the record.
  init(_ path: String) throws(EvaluationError) {
    let file = try RatingsFile(path)
    rater = try file.text("rater").trimmingCharacters(in: .whitespacesAndNewlines)
    guard !rater.isEmpty else {
      throw file.error("rater", found: "no name", expected: "the rater's name")
    }
    page = try file.text("page")
    guard let key = RatingKey(encoded: try file.text("key")) else {
      throw file.error("key", found: "a damaged text", expected: "the page's key")
    }
    self.key = key
    ratings = try file.ratings(isSwapped: key.isSwapped)
  }
}

/// A file exported by a rating page, parsed but not interpreted.
private struct RatingsFile {
  let path: String
  let document: JSONValue

  init(_ path: String) throws(EvaluationError) {
    self.path = path
    let url = PathName.url(path)
    let bytes = try EvaluationFile.contents(of: url, expected: "a file of ratings", name: path)
    guard bytes.contains(where: { $0 > 0x20 }) else { throw EvaluationError(.empty, file: path) }
    do throws(FileError) {
      document = try JSONReader.document(bytes, name: path)
    } catch {
      throw EvaluationError(error, in: bytes)
    }
    // An object of objects is a file of captions.
    guard case .object(let fields) = document,
      fields.members.contains(where: { if case .object = $0.value { false } else { true } })
    else {
      throw EvaluationError(
        .notRatings(
          field: "the file", found: "no single object", expected: "what a rating page exports"),
        file: path)
    }
    guard document["format"] == .text("music-captioner-ratings") else {
      throw error("format", expected: "\"music-captioner-ratings\"")
    }
    guard document["version"]?.integer == 1 else { throw error("version", expected: "1") }
  }

  func text(_ field: String) throws(EvaluationError) -> String {
    guard case .text(let text)? = document[field] else { throw error(field, expected: "a text") }
    return text
  }

  func ratings(isSwapped: [Bool]) throws(EvaluationError) -> [Ratings.Rating] {
    guard case .list(let records)? = document["ratings"] else {
      throw error("ratings", expected: "a list")
    }
    var ratings: [Ratings.Rating] = []
    var seen: [Int: Int] = [:]
    for (index, record) in records.enumerated() {
      guard let item = record["item"]?.integer, isSwapped.indices.contains(item) else {
        throw error(
          index, record, "item", expected: "a whole number from 0 to \(isSwapped.count - 1)")
      }
      if let other = seen[item] {
        throw EvaluationError(
          .duplicateID("\(item)", records: [other + 1, index + 1]), file: path)
      }
      seen[item] = index
      ratings.append(
        Ratings.Rating(
          item: item, choseFirst: try answer(index, record), isSwapped: isSwapped[item],
          isUnheard: record["heard"]?.integer == 0))
    }
    return ratings
  }

  /// Whether the first caption was chosen; nil for a tie.
  private func answer(_ index: Int, _ record: JSONValue) throws(EvaluationError) -> Bool? {
    switch record["answer"] {
    case .text("first"): return true
    case .text("second"): return false
    case .text("tie"): return nil
    default: break
    }
    throw error(index, record, "answer", expected: "\"first\", \"second\" or \"tie\"")
  }

  func error(_ field: String, found: String? = nil, expected: String) -> EvaluationError {
    EvaluationError(
      .notRatings(
        field: "\"\(field)\"", found: found ?? document[field]?.kind ?? "not there",
        expected: expected), file: path)
  }

  private func error(
    _ index: Int, _ record: JSONValue, _ field: String, expected: String
  ) -> EvaluationError {
    EvaluationError(
      .value(
        record: index + 1, field: field, found: record[field]?.kind ?? "nothing",
        expected: expected), file: path)
  }
}

extension Ratings.Rating {
  fileprivate init(item: Int, choseFirst: Bool?, isSwapped: Bool, isUnheard: Bool) {
    self.item = item
    self.choseFirst = choseFirst
    self.isUnheard = isUnheard
    preference = choseFirst.map { $0 == isSwapped ? .b : .a } ?? .tie
  }
}
