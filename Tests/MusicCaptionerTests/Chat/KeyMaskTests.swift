import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct KeyMaskTests {
  private static let key = "sk-a/b+c==&d-0123456789"

  @Test(arguments: [
    "sk-a/b+c==&d-0123456789", #"sk-a\/b+c==&d-0123456789"#, #"sk-a\\\/b+c==&d-0123456789"#,
    #"sk\u002da\u002fb\u002Bc==\u0026d-0123456789"#, "sk-a%2Fb%2bc%3D%3D%26d-0123456789",
    "%73%6B-a/b+c==&d-0123456789", "sk-a/b+c==&amp;d-0123456789",
    "sk-a&#x2F;b&#43;c==&d-0123456789",
    // Cut by the server.
    "sk-a/b+c==&d-01234",
  ])
  func theKeyIsRemovedHoweverItIsWritten(form: String) {
    #expect(KeyMask(Self.key).masked("no: \(form)") == "no: ***")
    #expect(KeyMask(Self.key).masked("\\\(form), é\(form)&").hasSuffix(", é***&"))
  }

  @Test(arguments: [
    // The last 16, 8 in the middle, other case.
    "==&d-0123456789", "&d-01234", "SK-A/B+C==&D-0123456789", "Sk-a/b+c==",
    // Broken by what can't be seen.
    "sk-a/b\n+c==&d-0123\r\n456789", "sk-a/b+c==\t&d-0123 456789",
    "sk-a\u{200B}/b+c\u{2060}==&d-01\u{FEFF}234\u{AD}56789", #"sk-a/b+c\n==&d-0123456789"#,
    #"sk-a/b+c==\u200b&d-0123456789"#, "sk-a/b+c==%E2%80%8B&d-0123456789",
    "sk-a/b+c==&#8203;&d-0123456789",
    // A plus as a blank; escaped twice; base64.
    "sk-a/b c==&d-0123456789", "sk-a%252Fb%252Bc%253D%253D%2526d-0123456789",
    "sk-a/b+c==&amp;amp;d-0123456789", "c2stYS9iK2M9PSZkLTAxMjM0NTY3ODk=",
    "c2stYS9iK2M9PSZkLTAxMjM0NTY3ODk",
  ])
  func partsOfTheKeyAreRemovedHoweverTheyAreWritten(form: String) {
    #expect(KeyMask(Self.key).masked("no: \(form)") == "no: ***")
    #expect(KeyMask(Self.key).masked("no: \(form), é") == "no: ***, é")
  }

  @Test func theKeyIsRemovedFromBase64OfMore() {
    for words in ["Bearer ", ":", "me:", "api:"] {
      let text = Data("\(words)\(Self.key)".utf8).base64EncodedString()
      let masked = KeyMask(Self.key).masked(text)
      #expect(masked.hasSuffix("***") && masked.count <= 14, "\(masked)")
    }
  }

  /// Whatever looks like an escape in the key is not one.
  @Test func aKeyWithEscapesInItIsRemoved() {
    let key = "ab%41cd&amp;efgh"
    for form in [key, "ab%2541cd%26amp;efgh"] {
      #expect(KeyMask(key).masked("no: \(form)") == "no: ***")
    }
  }

  /// It is no secret but a word, such as "EMPTY" for a server without keys.
  @Test func aShortKeyIsOnlyRemovedAsItIs() {
    #expect(KeyMask("EMPTY").masked("EMPTY, empty, EMP TY, %45MPTY") == "***, empty, EMP TY, ***")
  }

  @Test func otherTextStaysAsItIs() {
    for text in [
      "", "sk-a", "sk-other", "d-01235", "0123", "a slow waltz + harp",
      #"\u00e9 \\ % %7 & &amp; &#x; caf\u0065 é"#, "\\", "%", "&",
    ] {
      #expect(KeyMask(Self.key).masked(text) == text)
    }
  }

  /// Keys of servers that need none are words.
  @Test(arguments: ["sk-no-key-required", "anything", "lm-studio", "placeholder-key-for-local-use"])
  func answersKeepTheWordsOfAPlaceholder(key: String) {
    let answer =
      "No vocals are required; anything goes in this film-studio placeholder for local use."
    #expect(KeyMask(key, sparesWords: true).masked(answer) == answer)
    if key != "anything" {
      #expect(KeyMask(key, sparesWords: true).masked("it is \(key).") == "it is ***.")
    }
  }

  @Test func answersKeepNothingOfASecret() {
    let mask = KeyMask(Self.key, sparesWords: true)
    for form in [
      Self.key, "==&d-0123456789", "SK-A/B+C==&D-0123456789", "sk-a%2Fb%2bc%3D%3D%26d-0123456789",
    ] {
      #expect(!mask.masked("a waltz \(form)").contains("0123"))
    }
  }

  @Test(arguments: [
    "AbcdefghijklmnopQrstuvwxyz", "correcthorsebatterystaplepassword",
    "gsk_QwErTyUiOpAsDfGhJkLzXcVbNmQwErTy", "sk-ant-QwErTyUiOpAsDfGhJkLzXcVbNmZxCv",
  ])
  func answersKeepNothingOfASecretOfLetters(key: String) {
    let mask = KeyMask(key, sparesWords: true)
    let base64 = Data(("Bearer " + key).utf8).base64EncodedString()
    let broken = key.prefix(10) + "\n" + key.dropFirst(10)
    for form in [key, base64, String(broken), String(key.prefix(16)), key.lowercased()] {
      let masked = mask.masked("a waltz \(form)").dropFirst("a waltz ".count)
      #expect(masked.filter { $0 != "*" }.count < 20, "\(masked)")
      #expect(!masked.contains(key.prefix(8)) && !masked.contains(key.suffix(8)), "\(masked)")
    }
  }

  @Test func aKeyThatIsAWordIsOneUnlessItIsAUsualPlaceholder() {
    let mask = KeyMask("swordfish", sparesWords: true)
    #expect(mask.masked("a swordfish, swordfishes") == "a ***, swordfishes")
    #expect(KeyMask("swordfish").masked("a swordfish") == "a ***")
    // What a server without keys requires is no secret.
    #expect(KeyMask("sk-no-key-required").masked("Field required") == "Field required")
  }

  @Test func longTextTakesLinearTime() {
    for part in ["sk-a/b+c", "%25252525", "&amp;amp;", #"\u005cu00"#, "\u{200B}"] {
      let text = String(repeating: part, count: 200_000 / part.utf8.count)
      #expect(KeyMask(Self.key).masked(text) == text)
    }
  }
}
