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

  @Test func otherTextStaysAsItIs() {
    for text in [
      "", "sk-a", "sk-other", #"\u00e9 \\ % %7 & &amp; &#x; caf\u0065 é"#, "\\", "%", "&",
    ] {
      #expect(KeyMask(Self.key).masked(text) == text)
    }
  }

  @Test func longTextTakesLinearTime() {
    let text = String(repeating: "sk-a/b+c", count: 200_000)
    #expect(KeyMask(Self.key).masked(text).utf8.count <= text.utf8.count)
  }
}
