import Foundation
import Testing

@testable import MusicCaptioner

/// Names of any bytes have a text, and the text leads back to them.
@Suite struct PathTextTests {
  private func bytes(_ text: String) -> [UInt8] {
    PathText.bytes(text).dropLast().map { UInt8(bitPattern: $0) }
  }

  @Test(arguments: [
    (Array("plain é 🎻 \\ \\x41 \\xg9".utf8), "plain é 🎻 \\ \\x41 \\xg9"),
    ([0x63, 0x61, 0x66, 0xE9], "caf\\xe9"), ([0xFF, 0xC3], "\\xff\\xc3"),
    (Array("caf\\xe9 \\xE9 \\x5c".utf8), "caf\\x5cxe9 \\x5cxE9 \\x5cx5c"),
    ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"), ([], ""),
  ])
  func aNameAndItsText(_ name: [UInt8], _ text: String) {
    #expect(PathText.text(name) == text)
    #expect(bytes(text) == name)
  }

  @Test func everyNameComesBack() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = RandomSource(seed: seed, stream: "names")
    let pieces: [[UInt8]] = [
      Array("é".utf8), Array("🎻".utf8), [0xE9], [0x80], [0xF0, 0x9F], Array("\\x".utf8),
      Array("\\xe9".utf8), Array("5c".utf8), Array("\\".utf8), Array("a".utf8), [0x1B],
    ]
    var seen: [String: [UInt8]] = [:]
    for _ in 0..<3_000 {
      let name = (0..<6).flatMap { _ in pieces.randomElement(using: &random) ?? [] }
      let text = PathText.text(name)
      #expect(bytes(text) == name, "seed \(seed): \(text)")
      #expect(seen.updateValue(name, forKey: text) ?? name == name, "seed \(seed): \(text)")
    }
  }

  /// C would stop at the zero and open another file.
  @Test func aZeroNamesNoFile() throws {
    try withTemporaryFolder { folder in
      try Data().write(to: folder.appending(path: "a"))
      #expect(PathName.exists(folder.path + "/a"))
      #expect(!PathName.exists(folder.path + "/a\0.wav"))
    }
  }

  @Test func filesOfAnyNameAreListedReadAndReplaced() throws {
    try withTemporaryFolder { folder in
      let inner = folder.path + "/m\\xfcsik"
      try Folders.create(inner)
      let path = inner + "/caf\\xe9 \\x5cxe9"
      for content: [UInt8] in [[1], [2, 3]] {
        try AtomicFile.write(content, to: PathName.url(path))
        #expect(try ByteReader.contents(of: PathName.url(path)) == content)
      }
      #expect(try Folders.names(in: inner) == ["caf\\xe9 \\x5cxe9"])
      #expect(try Folders.names(in: folder.path) == ["m\\xfcsik"])
      FileNames.remove(path)
      #expect(try Folders.names(in: inner) == [])
      rmdir(PathText.bytes(inner))
    }
  }

  @Test func partsOfPathsAreFoundByBytes() {
    #expect(PathName.last("a/\u{301}b.\u{301}") == "\u{301}b.\u{301}")
    #expect(
      PathName.folder("/a") == "/" && PathName.folder("a") == "." && PathName.folder("a/b") == "a")
    #expect(PathName.ending("a.\u{301}.WAV") == "wav" && PathName.stem("a.b.wav") == "a.b")
    #expect(PathName.ending(".wav") == "" && PathName.stem(".wav") == ".wav")
    #expect(PathName.ending("a.") == "" && PathName.stem("a.") == "a.")
    #expect(PathName.percentEncoded("caf\\xe9 ü.wav") == "caf%E9%20%C3%BC.wav")
  }
}
