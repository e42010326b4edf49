import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct TokenizerFilesTests {
  private let folder = TokenizerFixture.folder

  /// The fixture's `tokenizer.json` with `change` applied to its text.
  private func reading(
    _ change: (inout String) -> Void
  ) throws -> Tokenizer {
    var text = try String(contentsOf: folder.appending(path: "tokenizer.json"), encoding: .utf8)
    let before = text
    change(&text)
    #expect(text != before)
    return try withTemporaryFolder { folder in
      try Data(text.utf8).write(to: folder.appending(path: "tokenizer.json"))
      return try Tokenizer(contentsOf: folder)
    }
  }

  private func reason(_ body: () throws -> Tokenizer) -> TokenizerError.Reason? {
    do {
      _ = try body()
      return nil
    } catch {
      #expect(error is TokenizerError)
      #expect(!"\(error)".contains("\n"))
      return (error as? TokenizerError)?.reason
    }
  }

  @Test func writesWhatItReads() throws {
    let fixture = try TokenizerFixture.load()
    let tokenizer = try Tokenizer(contentsOf: folder)
    try withTemporaryFolder { copy in
      try tokenizer.write(to: copy)
      try tokenizer.write(to: copy.appending(path: "other.json"))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: copy.path).sorted()
          == ["other.json", "tokenizer.json"])
      for url in [copy, copy.appending(path: "other.json")] {
        let again = try Tokenizer(contentsOf: url)
        #expect(again.definition.addedTokens == tokenizer.definition.addedTokens)
        for item in fixture.encode { #expect(again.encode(item.text) == item.ids) }
      }
    }
  }

  @Test func writingIntoAMissingFolderIsAnError() throws {
    let tokenizer = try Tokenizer(contentsOf: folder)
    #expect(throws: TokenizerError.self) {
      try tokenizer.write(to: URL(fileURLWithPath: "/nowhere/at/all/tokenizer.json"))
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "tokenizer.json")))
    try withTemporaryFolder { copy in
      let file = copy.appending(path: "tokenizer.json")
      for length in stride(from: 0, to: bytes.count, by: 331) {
        try Data(bytes.prefix(length)).write(to: file)
        #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: file) }
      }
    }
  }

  @Test func randomDamageNeverTraps() throws {
    let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "tokenizer.json")))
    let seed = UInt64.random(in: 0...UInt64.max)
    var draw = TextRandom(state: seed)
    try withTemporaryFolder { copy in
      let file = copy.appending(path: "tokenizer.json")
      for _ in 0..<60 {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...4, using: &draw) {
          damaged[Int.random(in: 0..<bytes.count, using: &draw)] = UInt8.random(
            in: 0...255, using: &draw)
        }
        try Data(damaged).write(to: file)
        do {
          // Some damage cannot be seen, as in a letter of a token: then it must work.
          let tokenizer = try Tokenizer(contentsOf: file)
          _ = tokenizer.decode(tokenizer.encode("some text <mask>"))
        } catch {
          #expect(error is TokenizerError, "seed \(seed)")
        }
      }
    }
  }

  @Test func missingFilesAreNamed() throws {
    try withTemporaryFolder { empty in
      #expect(reason { try Tokenizer(contentsOf: empty) } == .noTokenizer)
      try Data("{}".utf8).write(to: empty.appending(path: "vocab.json"))
      #expect(reason { try Tokenizer(contentsOf: empty) } == .noTokenizer)
      let absent = empty.appending(path: "absent")
      #expect(
        reason { try Tokenizer(contentsOf: absent) }
          == .file(FileError(.missing, .read, absent.path).expecting("a tokenizer")))
    }
  }

  @Test func otherKindsOfTokenizersAreRefusedByName() throws {
    #expect(
      reason { try reading { $0.replace("\"type\":\"BPE\"", with: "\"type\":\"Unigram\"") } }
        == .unsupported(field: "model.type", found: "\"Unigram\"", expected: "\"BPE\""))
    #expect(
      reason {
        try reading { $0.replace("\"byte_fallback\":false", with: "\"byte_fallback\":true") }
      }
        == .unsupported(field: "model.byte_fallback", found: "true", expected: "false"))
    #expect(
      reason { try reading { $0.replace("\"dropout\":null", with: "\"dropout\":0.1") } }
        == .unsupported(field: "model.dropout", found: "0.1", expected: "null"))
  }

  @Test func inconsistentVocabulariesAreRefused() throws {
    #expect(
      reason { try reading { $0.replace("\"a\":68,", with: "\"a\":67,") } }
        == .idCollision(id: 67, "`", "a"))
    #expect(
      reason { try reading { $0.replace("\"a\":68,", with: "\"a\":5000,") } }
        == .idOutOfRange(id: 5000, token: "a", tokenCount: 470))
    #expect(
      reason { try reading { $0.replace("\"a\":68,", with: "\"a\":-1,") } }
        == .idOutOfRange(id: -1, token: "a", tokenCount: 470))
    #expect(
      reason { try reading { $0.replace("\"a\":68,", with: "\"a\":68,\"a\":68,") } }
        == .duplicateToken("a"))
    #expect(
      reason { try reading { $0.replace("\"a\":68,", with: "\"a\":6.8,") } }
        == .value(field: "model.vocab.a", found: "6.8", expected: "a whole number"))
    #expect(
      reason { try reading { $0.replace("\"<pad>\"", with: "\"<qad>\"") } }
        == .missingSpecialToken("<pad>"))
    #expect(
      reason { try reading { $0.replace("[\"</s>\",2]", with: "[\"</s>\",7]") } }
        == .value(
          field: "post_processor.sep", found: "\"</s>\"",
          expected: "a token and its id in the vocabulary"))
  }

  @Test func mergesThatDoNotFitAreRefused() throws {
    func withMerges(_ change: (inout [String]) -> Void) throws -> Tokenizer {
      var lines = try String(contentsOf: folder.appending(path: "merges.txt"), encoding: .utf8)
        .components(separatedBy: "\n")
      change(&lines)
      return try withTemporaryFolder { copy in
        try FileManager.default.copyItem(
          at: folder.appending(path: "vocab.json"), to: copy.appending(path: "vocab.json"))
        try Data(lines.joined(separator: "\n").utf8).write(to: copy.appending(path: "merges.txt"))
        return try Tokenizer(contentsOf: copy)
      }
    }
    #expect(
      reason { try withMerges { $0[1] = "zz a" } } == .unknownMergeToken(index: 1, token: "zza"))
    #expect(reason { try withMerges { $0[3] = "ab" } } == .malformedMerge(index: 3, found: "ab"))
    #expect(
      reason { try withMerges { $0[3] = "a b c" } } == .malformedMerge(index: 3, found: "a b c"))
    #expect(reason { try withMerges { $0[3] = "" } } == .malformedMerge(index: 3, found: ""))
    guard case .missingMerges? = reason({ try withMerges { $0.removeLast(50) } }) else {
      Issue.record("a cut list of merges was accepted")
      return
    }
    // Windows line ends and empty lines at the end are harmless.
    let windows = try withMerges { $0 = $0.map { $0 + "\r" } + ["", ""] }
    #expect(
      try windows.encode("a slow piece") == Tokenizer(contentsOf: folder).encode("a slow piece"))
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    try withTemporaryFolder { copy in
      let file = copy.appending(path: "tokenizer.json")
      try Data([0x7B, 0x22, 0xED, 0xA0, 0x80]).write(to: file)
      #expect(reason { try Tokenizer(contentsOf: file) } == .notUTF8(byteOffset: 2))
    }
  }

  @Test func canonicallyEquivalentAddedTokensAreTwoTokens() throws {
    let added =
      #"{"id":470,"content":"\u1ea5","single_word":false,"lstrip":false,"rstrip":false,"#
      + #""normalized":false,"special":false},{"id":471,"content":"a\u0302\u0301","#
      + #""single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false},"#
    let tokenizer = try reading {
      $0.replace("\"added_tokens\":[", with: "\"added_tokens\":[" + added)
      $0.replace("\"vocab\":{", with: #""vocab":{"e\u0301":472,"\u00e9\u0301":473,"#)
    }
    #expect(tokenizer.vocabularySize == 474)
    #expect(tokenizer.bareTokens("\u{1EA5}a\u{302}\u{301}") == [470, 471])
    let again = try withTemporaryFolder { folder in
      try tokenizer.write(to: folder)
      return try Tokenizer(contentsOf: folder)
    }
    #expect(again.bareTokens("a\u{302}\u{301}\u{1EA5}") == [471, 470])
    #expect(again.id(ofToken: "e\u{301}") == 472)
    #expect(again.id(ofToken: "\u{e9}") == 169)
  }

  @Test func fieldsThatOlderVersionsDidNotWriteMayBeMissing() throws {
    let tokenizer = try reading { text in
      for field in [
        ",\"use_regex\":true", "\"type\":\"BPE\",", ",\"byte_fallback\":false",
        ",\"ignore_merges\":false",
      ] {
        #expect(text.contains(field))
        text.replace(field, with: "")
      }
    }
    #expect(try tokenizer.encode("it's") == Tokenizer(contentsOf: folder).encode("it's"))
  }

  @Test func mergesMayBeSpelledInBothWays() throws {
    let fixture = try TokenizerFixture.load()
    let bytes = try Tokenizer(contentsOf: folder).jsonBytes()
    #expect(String(decoding: bytes, as: UTF8.self).contains("\"Ġ a\""))
    let json = try JSONReader.document(bytes, name: "written", dialect: .strict)
    let original = try JSONReader.document(of: folder.appending(path: "tokenizer.json"))
    let written = try TokenizerFields(json: json, path: "written").object("model").merges()
    let read = try TokenizerFields(json: original, path: "read").object("model").merges()
    #expect(written.map { [$0.left, $0.right] } == read.map { [$0.left, $0.right] })
    #expect(fixture.learned[0].merges.isEmpty && !read.isEmpty)
  }
}

extension String {
  fileprivate mutating func replace(_ text: String, with other: String) {
    self = replacingOccurrences(of: text, with: other)
  }
}
