import Testing

@testable import MusicCaptioner

@Suite struct PrintableTextTests {
  @Test func nothingSteersATerminal() {
    let hostile = "a\u{1b}[2J\u{7}\u{8}\u{7f}\u{9b}\u{90}\u{202e}\u{2066}b\r\n\tc"
    #expect(
      hostile.printable(keepsLines: true)
        == "a\\u001b[2J\\u0007\\u0008\\u007f\\u009b\\u0090\\u202e\\u2066b\\u000d\n\tc")
    #expect(hostile.printable(keepsLines: false).hasSuffix("b  " + " c"))
  }

  @Test func whatPeopleWriteStays() {
    for text in ["plain", "é e\u{301} ü 🎻 👩‍🎤 日本", "שלום\u{200f} עולם", "“quotes” … — \u{a0}"] {
      #expect(text.printable(keepsLines: false) == text)
    }
  }

  @Test func jsonStaysTheSameJSON() throws {
    let text = "x\u{1b}\u{9b}\u{202e}y"
    let shown = QuotedText.quoted(text).printable(keepsLines: true)
    #expect(shown.utf8.allSatisfy { $0 < 0x7F })
    #expect(try JSONReader.document(Array(shown.utf8), name: "shown") == .text(text))
  }
}
