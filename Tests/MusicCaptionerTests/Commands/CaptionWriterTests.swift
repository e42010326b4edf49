import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct CaptionWriterTests {
  private func caption(_ audio: String) -> Caption {
    Caption(audio: audio, start: 0, end: 10, text: audio, score: 0, tokens: [], alternatives: [])
  }

  @Test func aFileGetsItsNameWhenItIsComplete() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "out.jsonl")
      try "old".write(to: url, atomically: true, encoding: .utf8)
      let writer = try CaptionWriter(
        .document(.jsonl, path: url.path), positions: Array(0..<1), best: 1, holdsSongs: false)
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
        let writer = try CaptionWriter(
          .document(.json, path: url.path), positions: Array(0..<1), best: 1, holdsSongs: false)
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
      let writer = try CaptionWriter(
        .document(.text, path: link.path), positions: Array(0..<1), best: 1, holdsSongs: false)
      try writer.add(caption("a.wav"))
      try writer.finish(keepsEmpty: false)
      #expect(try String(contentsOf: real, encoding: .utf8) == "a.wav\n")
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: link.path).hasSuffix("real"))
    }
  }

  @Test func aTreeHasFilesOfEachAudioFile() throws {
    try withTemporaryFolder { folder in
      let tree = OutputTree(
        folder.path + "/out", [.srt, .text], places: ["x/a.wav", "b.mp3", "c.wav"])
      let writer = try CaptionWriter(
        .tree(tree), positions: Array(0..<3), best: 1, holdsSongs: false)
      for (name, isComplete) in [("x/a.wav", true), ("b.mp3", true), ("c.wav", false)] {
        try writer.add(caption(name))
        try writer.endAudio(isComplete: isComplete)
      }
      try writer.finish(keepsEmpty: true)
      #expect(writer.count == 2)
      let names = try FileManager.default.subpathsOfDirectory(atPath: tree.folder).sorted()
      #expect(names == ["b.srt", "b.txt", "x", "x/a.srt", "x/a.txt"])
      #expect(
        try String(contentsOfFile: tree.folder + "/b.srt", encoding: .utf8)
          == "1\n00:00:00,000 --> 00:00:10,000\nb.mp3\n\n")
    }
  }

  @Test func aTreeHasNoFileThatIsHalfDone() throws {
    try withTemporaryFolder { folder in
      let tree = OutputTree(folder.path, CaptionFormat.allCases, places: ["a.wav", "b.wav"])
      let writer = try CaptionWriter(
        .tree(tree), positions: Array(0..<2), best: 1, holdsSongs: false)
      try writer.add(caption("a.wav"))
      try writer.endAudio(isComplete: true)
      try writer.add(caption("b.wav"))
      try writer.finish(keepsEmpty: false)
      #expect(writer.count == 1)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names == ["csv", "json", "jsonl", "srt", "txt", "vtt"].map { "a.\($0)" })
    }
  }

  @Test(arguments: [
    (["a.wav", "b.flac"], ["a", "b"]), (["a.wav", "a.mp3", "b.mp3"], ["a.wav", "a.mp3", "b"]),
    (["a.wav", "a.wav", "a.wav"], ["a.wav", "a.wav-2", "a.wav-3"]),
    (["a.wav", "a.mp3", "a.wav.flac"], ["a.wav-2", "a.mp3", "a.wav"]),
    (["x/a.wav", "y/a.wav", "a.wav"], ["x/a", "y/a", "a"]),
    (["-", "-dash.wav"], ["stdin", "-dash"]),
    (["noending", ".", "a.b.c", "e\u{301}.wav"], ["noending", ".", "a.b", "e\u{301}"]),
  ])
  func noTwoAudioFilesShareAnOutput(_ places: [String], _ stems: [String]) {
    let tree = OutputTree("out", [.json], places: places)
    #expect(places.indices.map { tree.path($0, .json) } == stems.map { "out/\($0).json" })
  }

  @Test func subtitlesThatWouldMixAreRefused() throws {
    #expect(throws: CaptionerError.self) {
      try CaptionWriter(
        .document(.vtt, path: nil), positions: Array(0..<2), best: 1, holdsSongs: false)
    }
  }

  @Test func whatCannotBeWrittenIsReportedAtOnce() {
    for path in ["/nonexistent/out.json", "/dev/full"] {
      let error = #expect(throws: FileError.self) {
        try CaptionWriter(
          .document(.json, path: path), positions: Array(0..<1), best: 1, holdsSongs: false)
      }
      #expect(error.map(ExitStatus.init) == .cannotWrite)
    }
    #expect(FileManager.default.fileExists(atPath: "/dev/full"))
  }
}
