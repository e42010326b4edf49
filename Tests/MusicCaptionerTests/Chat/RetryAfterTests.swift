import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct RetryAfterTests {
  // Sun, 06 Nov 1994 08:49:37 GMT, a minute before.
  private static let now = Date(timeIntervalSince1970: 784_111_777 - 60)

  private static func wait(_ text: String, now: Date = now) -> Double? {
    RetryAfter.seconds(["retry-after": text], now: now)
  }

  @Test(arguments: [
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    "sun, 6 nov 1994 08:49:37 utc", " Sun, 06 Nov 1994 08:49:37 GMT ",
    "Sun, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
  ])
  func datesAreReadInAllForms(text: String) { #expect(Self.wait(text) == 60) }

  @Test func aYearOfTwoDigitsIsNeverFarAhead() {
    let today = Date(timeIntervalSince1970: 1_795_910_400)  // 2026-11-29
    // In the past: at once.
    #expect(Self.wait("Sunday, 06-Nov-94 08:49:37 GMT", now: today) == 0)
    #expect(Self.wait("Sunday, 29-Nov-26 00:01:00 GMT", now: today) == 60)
    #expect(Self.wait("Thursday, 31-Dec-76 00:00:00 GMT", now: today).map { $0 > 1e9 } == true)
    #expect(Self.wait("Thursday, 31-Dec-77 00:00:00 GMT", now: today) == 0)
  }

  @Test func secondsMayBeFractionsAndAreNeverNegative() {
    for (text, seconds) in [
      ("7", 7), (" 7 ", 7), ("1.5", 1.5), ("-3", 0), ("0", 0), ("99999999999", 99_999_999_999),
    ] {
      #expect(Self.wait(text) == seconds, "\(text)")
    }
    #expect(RetryAfter.seconds(["retry-after-ms": "1500", "retry-after": "7"]) == 1.5)
    #expect(RetryAfter.seconds(["retry-after-ms": "x", "retry-after": "7"]) == 7)
  }

  @Test(arguments: [
    "", "soon", "inf", "nan", "0x10", "1e9", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37 EST",
    "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 25:00:00 GMT",
    "Sun Nov 6 08:49:37 1994 x", "1994-11-06T08:49:37Z",
  ])
  func anythingElseAsksForNoWait(text: String) { #expect(Self.wait(text) == nil) }

  @Test func aReachedLimitSaysWhenItIsLifted() {
    func wait(_ headers: [String: String]) -> Double? {
      RetryAfter.seconds(headers, now: Self.now)
    }
    #expect(
      wait([
        "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m30.5s",
        "x-ratelimit-remaining-tokens": "7", "x-ratelimit-reset-tokens": "6h",
      ]) == 90.5)
    #expect(
      wait(["x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "120ms"]) == 0.12)
    #expect(wait(["x-ratelimit-remaining-tokens": "1", "x-ratelimit-reset-tokens": "1s"]) == nil)
    #expect(wait(["ratelimit-reset": "12"]) == 12)
    // A limit that was not reached asks for nothing.
    #expect(wait(["ratelimit-reset": "12", "ratelimit-remaining": "3"]) == nil)
    #expect(wait(["x-ratelimit-reset": "12", "x-ratelimit-remaining": "0"]) == 12)
    let later = Date(timeIntervalSince1970: 1_795_910_400)
    #expect(RetryAfter.seconds(["x-ratelimit-reset": "1795910407"], now: later) == 7)
    #expect(RetryAfter.seconds(["x-ratelimit-reset": "1795910407000"], now: later) == 7)
    for text in ["", "s", "1x", "m5", "1.2.3s"] {
      #expect(RetryAfter.seconds(ofDuration: text) == nil, "\(text)")
    }
  }
}
