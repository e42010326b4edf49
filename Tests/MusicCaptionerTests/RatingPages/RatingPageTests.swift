import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct RatingPageTests {
  private func page(_ count: Int = 40, sample: Int? = nil, seed: UInt64 = 1) -> RatingPage {
    RatingPage(
      a: (0..<count).map { "good caption \($0)" }, b: (0..<count).map { "bad caption \($0)" },
      clips: (0..<count).map { "clip\($0)" }, names: ("secret-a.json", "secret-b.json"),
      sampleCount: sample, seed: seed)
  }

  private func html(_ page: RatingPage) throws -> String {
    var html = ""
    try page.write(isLinked: false) { _ in
      .embedded(type: "audio/wav", base64: "UklGRg==")
    } to: {
      html += $0
    }
    return html
  }

  @Test func theSeedDecidesWhatIsShownWhereAndWhen() throws {
    let first = page()
    #expect(try html(first) == html(page()))
    let other = page(seed: 2)
    #expect(first.id != other.id && first.items != other.items)
    #expect(first.items.map(\.clip) != other.items.map(\.clip))
    #expect(first.key.isSwapped != other.key.isSwapped)
  }

  @Test func eachSystemIsFirstAsOftenAsSecondAndTheKeyKnows() {
    let page = page()
    #expect(Set(page.items.map(\.clip)).count == 40)
    #expect(page.key.isSwapped.count(where: \.self) == 20)
    for (item, isSwapped) in zip(page.items, page.key.isSwapped) {
      #expect(item.first.hasPrefix(isSwapped ? "bad" : "good"))
      #expect(item.second.hasPrefix(isSwapped ? "good" : "bad"))
      #expect(item.first.hasSuffix(item.clip.dropFirst(4)))
    }
    #expect(RatingKey(encoded: page.key.encoded) == page.key)
    #expect(RatingKey(encoded: "e30=") == nil && RatingKey(encoded: "no key") == nil)
  }

  @Test func aSampleIsDrawnWithoutRepetition() {
    let items = page(sample: 7).items
    #expect(Set(items.map(\.clip)).count == 7)
    #expect(page(3, sample: 7).items.count == 3)
  }

  @Test func thePageNamesNoSystemAndLoadsNothing() throws {
    let html = try html(page())
    #expect(!html.contains("secret") && html.contains(page().key.encoded))
    #expect(!html.contains("http:") && !html.contains("https:") && !html.contains("src="))
    #expect(html.contains("default-src 'none'"))
  }

  @Test func everyPlaceholderOfThePageIsFilled() throws {
    let html = try html(page())
    #expect(!html.contains("{{"))
    #expect(html.contains("color-scheme: light dark") && html.contains("localStorage.getItem"))
    #expect(html.hasSuffix("</script>\n</body>\n</html>\n"))
  }

  @Test func captionsCannotBreakOutOfTheirPlace() throws {
    let evil = "</script><script>alert(\"1\")</script> \\ \u{1} <!-- \u{2028} é"
    let page = RatingPage(a: [evil], b: ["x"], clips: ["<b>"], names: ("a", "b"))
    let html = try html(page)
    #expect(!html.contains("<script>alert") && !html.contains("<!--"))
    #expect(html.components(separatedBy: "</script>").count == 4)
    let start = try #require(html.range(of: "id=\"page\">")).upperBound
    let end = try #require(html[start...].range(of: "</script>")).lowerBound
    let data = try JSONSerialization.jsonObject(with: Data(html[start..<end].utf8))
    let items = try #require((data as? [String: Any])?["items"] as? [[String: String]])
    #expect([items[0]["first"], items[0]["second"]].contains(evil) && items[0]["clip"] == "<b>")
  }
}
