import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct RatingsTests {
  private static let page = RatingPage(
    a: (0..<10).map { "good \($0)" }, b: (0..<10).map { "bad \($0)" },
    clips: (0..<10).map { "clip\($0)" }, names: ("a.json", "b.json"), seed: 5)

  /// What the page exports where a rater gives each item the answer that `answer` makes of it.
  static func export(
    _ page: RatingPage = page, rater: String, _ answer: (Int, RatingPage.Item) -> String?
  ) -> String {
    let ratings = page.items.enumerated().compactMap { index, item in
      answer(index, item).map {
        """
        {"item": \(index), "clip": "\(item.clip)", "answer": "\($0)", "heard": \(index == 0 ? 0 : 3)}
        """
      }
    }
    return """
      {"format": "music-captioner-ratings", "version": 1, "page": "\(page.id)",
       "key": "\(page.key.encoded)", "rater": "\(rater)",
       "ratings": [\(ratings.joined(separator: ",\n"))]}
      """
  }

  private func read(_ texts: [String]) throws -> [Ratings] {
    try withTemporaryFolder { folder in
      try Ratings.read(
        texts.enumerated().map { index, text in
          let url = folder.appending(path: "\(index).json")
          try Data(text.utf8).write(to: url)
          return url.path
        })
    }
  }

  private func good(_ item: RatingPage.Item) -> String {
    item.first.hasPrefix("good") ? "first" : "second"
  }

  @Test func answersComeBackAsSystems() throws {
    let ratings = try read([
      Self.export(rater: " Ann ") { index, item in index == 9 ? "tie" : good(item) },
      Self.export(rater: "Bob") { index, item in index < 4 ? "first" : nil },
    ])
    #expect(ratings.map(\.rater) == ["Ann", "Bob"])
    let summary = RatingSummary(ratings)
    let ofBob = Self.page.key.isSwapped.prefix(4)
    let goodOfBob = ofBob.count { !$0 }
    #expect(summary.raters[0].counts == RatingSummary.Counts(a: 9, b: 0, ties: 1))
    #expect(
      summary.raters[1].counts == RatingSummary.Counts(a: goodOfBob, b: 4 - goodOfBob, ties: 0))
    #expect(summary.raters.map(\.unheardCount) == [1, 1])
    #expect(summary.counts.total == 14 && summary.clips.count == 10)
    #expect(summary.first.of == 13 && summary.agreement.unitCount == 4)
    // Where Bob disagrees with Ann, the clip has no winner.
    #expect(summary.clipVotes.a == 9 - (4 - goodOfBob) && summary.clipVotes.b == 0)
    let interval = try #require(summary.preferenceInterval())
    let share = try #require(summary.counts.preference)
    #expect(interval.lower < share && share < interval.upper)
  }

  @Test func theReportSaysWhatIsUndefined() throws {
    let ties = RatingReport(RatingSummary(try read([Self.export(rater: "Ann") { _, _ in "tie" }])))
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(ties.json.utf8)) as? [String: Any])
    let preference = try #require(report["preference"] as? [String: Any])
    for key in ["share", "wilson", "bootstrap"] { #expect(preference[key] is NSNull) }
    let agreement = try #require(report["agreement"] as? [String: Any])
    #expect(agreement["krippendorff_alpha"] is NSNull)
    #expect(agreement["reason"] as? String == "no clip has two raters")
    let sizes = try #require((report["sample_size"] as? [String: Any])?["0.65"] as? [String: Any])
    #expect(sizes["decided"] as? Int == 85 && sizes["with_ties"] is NSNull)
    let none = RatingReport(RatingSummary(try read([Self.export(rater: "Ann") { _, _ in nil }])))
    #expect(none.json.contains("\"ratings\": 0"))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let ann = Self.export(rater: "Ann") { _, _ in "first" }
    let other = RatingPage(
      a: ["x"], b: ["y"], clips: ["c"], names: ("a.json", "b.json"), seed: 6)
    for (texts, words) in [
      ([ann, ann], "has the rater \"Ann\""),
      ([ann, Self.export(other, rater: "Bob") { _, _ in "tie" }], "ratings of page \(other.id)"),
      ([ann.replacing("\"item\": 3", with: "\"item\": 2")], "stands there twice"),
      ([ann.replacing("\"item\": 3", with: "\"item\": 10")], "from 0 to 9"),
      ([ann.replacing("\"first\"", with: "\"left\"")], "found \"left\""),
      ([ann.replacing("\"key\": \"", with: "\"key\": \"!")], "the page's key"),
      ([ann.replacing("\"rater\": \"Ann\"", with: "\"rater\": \" \"")], "the rater's name"),
      ([ann.replacing("\"version\": 1", with: "\"version\": 2")], "\"version\" is 2"),
      ([ann.replacing("music-captioner-", with: "")], "\"format\""),
      ([String(ann.dropLast(5))], "not valid JSON"), (["[]"], "no single object"),
      (["{}"], "no single object"), ([""], "empty"), (["{\"a\": 1}"], "\"format\" is not there"),
    ] {
      let error = #expect(throws: EvaluationError.self) { try read(texts) }
      #expect("\(error.map { "\($0)" } ?? "")".contains(words), "\(words)")
      #expect(error.map { ExitStatus($0) } == .badData)
    }
  }
}
