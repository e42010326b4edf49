import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct CaptionWriterTests {
  private func caption(_ audio: String) -> Caption {
    Caption(audio: audio, start: 0, end: 10, text: audio, score: 0, tokens: [], alternatives: [])
  }

  private func files(_ names: String...) -> [URL] { names.map { URL(fileURLWithPath: $0) } }

  @Test func aFileGetsItsNameWhenItIsComplete() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "out.jsonl")
      try "old".write(to: url, atomically: true, encoding: .utf8)
      let writer = try CaptionWriter(.jsonl, of: files("a.wav"), best: 1, path: url.path)
      try writer.add(caption("a.wav"))
      #expect(try String(contentsOf: url, encoding: .utf8) == "old")
      try writer.finish(keepsEmpty: false)
      #expect(try String(contentsOf: url, encoding: .utf8).contains("a.wav"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.jsonl"])
    }
  }

  @Test(arguments: [true, false]) func withoutCaptionsTheOldFileStays(isAbandoned: Bool) throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "out.json")
      try "old".write(to: url, atomically: true, encoding: .utf8)
      do {
        let writer = try CaptionWriter(.json, of: files("a.wav"), best: 1, path: url.path)
        if !isAbandoned { try writer.finish(keepsEmpty: false) }
      }
      #expect(try String(contentsOf: url, encoding: .utf8) == "old")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.json"])
    }
  }

  @Test func aLinkedFileIsWrittenWhereItIs() throws {
    try withTemporaryFolder { folder in
      let (real, link) = (folder.appending(path: "real"), folder.appending(path: "link"))
      try Data().write(to: real)
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: real)
      let writer = try CaptionWriter(.text, of: files("a.wav"), best: 1, path: link.path)
      try writer.add(caption("a.wav"))
      try writer.finish(keepsEmpty: false)
      #expect(try String(contentsOf: real, encoding: .utf8) == "a.wav\n")
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: link.path).hasSuffix("real"))
    }
  }

  @Test func subtitlesOfSeveralFilesGoIntoAFolder() throws {
    try withTemporaryFolder { folder in
      let path = folder.path + "/subtitles/"
      let writer = try CaptionWriter(.srt, of: files("x/a.wav", "b.mp3"), best: 1, path: path)
      for name in ["x/a.wav", "b.mp3"] {
        try writer.add(caption(name))
        try writer.endAudio()
      }
      try writer.finish(keepsEmpty: true)
      let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
      #expect(names == ["a.srt", "b.srt"])
      #expect(
        try String(contentsOfFile: path + "b.srt", encoding: .utf8)
          == "1\n00:00:00,000 --> 00:00:10,000\nb.mp3\n\n")
    }
  }

  @Test func subtitlesThatWouldMixAreRefused() throws {
    #expect(throws: CaptionerError.self) {
      try CaptionWriter(.vtt, of: files("a.wav", "b.wav"), best: 1, path: nil)
    }
    try withTemporaryFolder { folder in
      let error = #expect(throws: CaptionerError.self) {
        try CaptionWriter(.vtt, of: files("x/a.wav", "y/a.mp3"), best: 1, path: folder.path)
      }
      #expect(error?.reason == .sameSubtitles("x/a.wav", "y/a.mp3"))
    }
  }

  @Test func whatCannotBeWrittenIsReportedAtOnce() {
    for path in ["/nonexistent/out.json", "/dev/full"] {
      let error = #expect(throws: FileError.self) {
        try CaptionWriter(.json, of: files("a.wav"), best: 1, path: path)
      }
      #expect(error.map(ExitStatus.init) == .cannotWrite)
    }
    #expect(FileManager.default.fileExists(atPath: "/dev/full"))
  }
}
