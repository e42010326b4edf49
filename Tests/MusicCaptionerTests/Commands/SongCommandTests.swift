import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// The built `caption` with --song, --sidecar and --resume.
@Suite struct SongCommandTests {
  /// A folder with a model and three songs, one of them in a subfolder.
  private func withSongs(
    _ body: (_ folder: URL, _ caption: ([String]) throws -> BuiltCommand.Outcome) throws -> Void
  ) throws {
    let command = try BuiltCommand("caption")
    try withTemporaryFolder { folder in
      try TinyModel.bundle().write(to: folder.appending(path: "model"))
      try FileManager.default.createDirectory(
        at: folder.appending(path: "songs/sub dir"), withIntermediateDirectories: true)
      for (seed, name) in ["a.wav", "b.wav", "sub dir/ü.wav"].enumerated() {
        try TinyModel.writeWave(
          folder.appending(path: "songs/\(name)"), seconds: 5 + Double(seed), seed: seed)
      }
      try body(folder) { arguments in
        try command.run(
          arguments + ["--model", "model", "--threads", "1", "--recursive"], in: folder)
      }
    }
  }

  private func objects(_ text: String) throws -> [JSONValue] {
    try text.split(separator: "\n").map { try JSONReader.document(Array($0.utf8), name: "x") }
  }

  private func text(_ folder: URL, _ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  private func names(_ lines: [JSONValue], _ key: String = "audio") -> [String] {
    lines.compactMap { if case .text(let name)? = $0[key] { name } else { nil } }
  }

  @Test func eachSongIsOneObjectWithItsChunks() throws {
    try withSongs { folder, caption in
      let found = try caption(["songs", "--song", "--format", "jsonl"])
      #expect(found.exitCode == 0, "\(found.messages)")
      let songs = try objects(found.output)
      #expect(names(songs) == ["songs/a.wav", "songs/b.wav", "songs/sub dir/ü.wav"])
      for song in songs {
        guard case .list(let chunks)? = song["chunks"] else {
          Issue.record("no chunks")
          continue
        }
        #expect(chunks.count == (Int(song["duration"]?.double ?? 0) + 1) / 2)
        #expect(names(chunks, "caption").contains(names([song], "caption")[0]))
        #expect(song["facts"]?["channels"] == .text("mono"))
        #expect(song["facts"]?["loudness"]?.double ?? 0 < -3)
      }
      // The library says the same.
      let captioner = try Captioner(model: folder.appending(path: "model"))
      let song = try captioner.describe(folder.appending(path: "songs/b.wav"))
      #expect(names([songs[1]], "caption") == [song.caption])
    }
  }

  @Test(arguments: ["text", "json", "csv", "srt"])
  func otherFormatsHoldSongsToo(format: String) throws {
    try withSongs { _, caption in
      let found = try caption(["songs/a.wav", "--song", "--format", format])
      #expect(found.exitCode == 0, "\(found.messages)")
      switch format {
      case "text": #expect(found.lines.count == 1)
      case "json":
        let songs = try JSONReader.document(Array(found.output.utf8), name: "x")
        guard case .list(let songs) = songs else {
          Issue.record("no list")
          return
        }
        #expect(names(songs) == ["songs/a.wav"])
      case "csv":
        #expect(found.lines.first == "audio,duration,caption,tags,tempo,key,meter,loudness")
        #expect(found.lines.count == 2)
      default: #expect(found.output.contains("00:00:02,000 --> 00:00:04,000"))
      }
    }
  }

  @Test func sidecarsLieBesideTheSoundsAndAreWrittenOnce() throws {
    try withSongs { folder, caption in
      try Data("the lyrics\n".utf8).write(to: folder.appending(path: "songs/b.txt"))
      let first = try caption(["songs", "--sidecar", "txt", "--prefix", "my style"])
      #expect(first.exitCode == 0, "\(first.messages)")
      #expect(
        first.messages.contains("1 of 3 files have a sidecar already; --overwrite replaces them"))
      #expect(try text(folder, "songs/a.txt").hasPrefix("my style, "))
      #expect(try text(folder, "songs/b.txt") == "the lyrics\n")
      #expect(try text(folder, "songs/sub dir/ü.txt").hasPrefix("my style, "))
      let again = try caption(["songs", "--sidecar", "txt"])
      #expect(again.exitCode == 0 && again.messages.contains("3 of 3 files"), "\(again.messages)")
      let forced = try caption(["songs", "--sidecar", "txt", "--overwrite"])
      #expect(forced.exitCode == 0, "\(forced.messages)")
      #expect(try !text(folder, "songs/b.txt").contains("lyrics"))
    }
  }

  @Test func aFolderThatCannotBeMadeIsOneError() throws {
    try withSongs { folder, caption in
      try Data().write(to: folder.appending(path: "taken"))
      let found = try caption(["songs", "--sidecar", "txt", "--output-dir", "taken/out"])
      #expect(found.exitCode == 74, "\(found.messages)")
      #expect(found.messages.components(separatedBy: "error: ").count == 2, "\(found.messages)")
      #expect(ExitStatus(ResumedOutput.InUse(path: "c.jsonl")) == .cannotWrite)
    }
  }

  @Test func aceStepsLyricsAreNotTouched() throws {
    try withSongs { folder, caption in
      try Data("the lyrics\n".utf8).write(to: folder.appending(path: "songs/a.txt"))
      #expect(try caption(["songs", "--sidecar", "ace-step", "--output-dir", "out"]).exitCode == 0)
      #expect(try text(folder, "songs/a.txt") == "the lyrics\n")
      #expect(try !text(folder, "out/sub dir/ü.caption.txt").isEmpty)
      #expect(try objects(text(folder, "out/a.json").replacing("\n", with: " ")).count == 1)
    }
  }

  @Test func listsOfAFolderAreContinued() throws {
    try withSongs { folder, caption in
      for (sidecar, list, key) in [
        ("audiofolder", "songs/metadata.jsonl", "file_name"),
        ("audiocraft", "songs/data.jsonl.gz", "path"),
      ] {
        let moved = folder.appending(path: "later.wav")
        let sound = folder.appending(path: "songs/b.wav")
        try FileManager.default.moveItem(at: sound, to: moved)
        #expect(try caption(["songs", "--sidecar", sidecar]).exitCode == 0)
        try FileManager.default.moveItem(at: moved, to: sound)
        let second = try caption(["songs", "--sidecar", sidecar])
        #expect(
          second.exitCode == 0 && second.messages.contains("2 of 3 files"), "\(second.messages)")
        var reader = try TableReader(folder.appending(path: list), name: list)
        var found: [JSONValue] = []
        while let (_, fields) = try reader.nextObject() { found.append(.object(fields)) }
        let names = names(found, key).map { PathName.last($0) }
        #expect(names == ["a.wav", "ü.wav", "b.wav"], "\(sidecar)")
      }
    }
  }

  @Test func archivesHoldEachSongOnceAndAreContinued() throws {
    try withSongs { folder, caption in
      func run(_ inputs: [String]) throws -> BuiltCommand.Outcome {
        try caption(inputs + ["--sidecar", "webdataset", "--output-dir", "out"])
      }
      func list() throws -> [String] {
        try BuiltCommand(executable: URL(fileURLWithPath: "/bin/tar"))
          .run(["--list", "--file", "out/shard-000000.tar"], in: folder).lines
      }
      #expect(try run(["songs/b.wav"]).exitCode == 0)
      #expect(try list() == ["00000000.json", "00000000.wav"])
      // A killed process left half a song.
      let shard = folder.appending(path: "out/shard-000000.tar")
      let whole = try Data(contentsOf: shard)
      try (whole + whole.prefix(700)).write(to: shard)
      let second = try run(["songs"])
      #expect(second.messages.contains("1 of 3 files"), "\(second.messages)")
      #expect(try list().count == 6)
      #expect(try Data(contentsOf: shard).prefix(whole.count) == whole)
    }
  }

  @Test(arguments: [
    "{\"file_name\": \"x.wav\"}\n{\"name\": \"mine\"}\n{\"file_name\": \"y.wav\"}\n",
    "{\"name\": \"mine\"}", "{\"name\": \"mi", "a, b\n",
  ])
  func aForeignListIsNotTouched(content: String) throws {
    try withSongs { folder, caption in
      try Data(content.utf8).write(to: folder.appending(path: "songs/metadata.jsonl"))
      let found = try caption(["songs", "--sidecar", "audiofolder"])
      #expect(found.exitCode == 74, "\(found.messages)")
      #expect(found.messages.contains("no list that caption wrote"), "\(found.messages)")
      #expect(try text(folder, "songs/metadata.jsonl") == content)
    }
  }

  @Test func halfALineOfAListIsCutOff() throws {
    try withSongs { folder, caption in
      try Data("{\"file_name\": \"x.wav\"}\n{\"file_name\": \"a.w".utf8).write(
        to: folder.appending(path: "songs/metadata.jsonl"))
      #expect(try caption(["songs", "--sidecar", "audiofolder"]).exitCode == 0)
      let lines = try objects(text(folder, "songs/metadata.jsonl"))
      #expect(names(lines, "file_name") == ["x.wav", "a.wav", "b.wav", "sub dir/ü.wav"])
    }
  }

  @Test(arguments: [true, false])
  func aResumedOutputHoldsEachSongOnce(isSong: Bool) throws {
    try withSongs { folder, caption in
      let kind = isSong ? ["--song"] : []
      func run(_ inputs: [String]) throws -> BuiltCommand.Outcome {
        try caption(inputs + ["--output", "c.jsonl", "--resume"] + kind)
      }
      #expect(try run(["songs/a.wav"]).exitCode == 0)
      let first = try text(folder, "c.jsonl")
      let second = try run(["songs"])
      #expect(
        second.exitCode == 0 && second.messages.contains("1 of 3 files are captioned already"))
      let whole = try text(folder, "c.jsonl")
      #expect(whole.hasPrefix(first))
      #expect(Set(names(try objects(whole))).count == 3)
      // A killed process left half a line, and lines of a song that isn't complete.
      let lines = whole.split(separator: "\n", omittingEmptySubsequences: false)
      let half = lines[0].replacing("songs/a.wav", with: "songs/x.wav")
      try Data((whole + half + "\n" + half.prefix(40)).utf8).write(
        to: folder.appending(path: "c.jsonl"))
      #expect(try run(["songs"]).messages.contains("3 of 3 files are captioned already"))
      #expect(try text(folder, "c.jsonl") == whole)
      // A changed sound is done again.
      try TinyModel.writeWave(folder.appending(path: "songs/a.wav"), seconds: 4, seed: 9)
      #expect(try run(["songs"]).messages.contains("2 of 3 files are captioned already"))
      let changed = names(try objects(text(folder, "c.jsonl")))
      #expect(changed.filter { $0 == "songs/a.wav" }.count == (isSong ? 1 : 2))
      #expect(Set(changed).count == 3)
    }
  }

  @Test(arguments: ["my notes", "my notes\n", "{\"a\": 1}\n"])
  func aForeignFileIsNotContinued(content: String) throws {
    try withSongs { folder, caption in
      try Data(content.utf8).write(to: folder.appending(path: "c.jsonl"))
      let found = try caption(["songs", "--output", "c.jsonl", "--resume"])
      #expect(found.exitCode == 65, "\(found.messages)")
      #expect(found.messages.contains("expected an output of caption"), "\(found.messages)")
      #expect(try text(folder, "c.jsonl") == content)
    }
  }

  @Test func anOutputOfARunWithoutResumeIsContinued() throws {
    try withSongs { folder, caption in
      _ = try caption(["songs/a.wav", "songs/b.wav", "--format", "jsonl", "--output", "c.jsonl"])
      let found = try caption(["songs", "--output", "c.jsonl", "--resume"])
      // The last may have been interrupted.
      #expect(found.messages.contains("1 of 3 files are captioned already"), "\(found.messages)")
      #expect(Set(names(try objects(text(folder, "c.jsonl")))).count == 3)
    }
  }

  @Test func aTreeIsResumedWhereFilesAreMissingOrOlder() throws {
    try withSongs { folder, caption in
      #expect(try caption(["songs", "--output-dir", "out"]).exitCode == 0)
      try FileManager.default.removeItem(at: folder.appending(path: "out/b.txt"))
      let found = try caption(["songs", "--output-dir", "out", "--resume"])
      #expect(found.messages.contains("2 of 3 files are captioned already"), "\(found.messages)")
      #expect(try !text(folder, "out/b.txt").isEmpty)
    }
  }

  @Test(arguments: [
    (["--resume"], "--resume"), (["--resume", "--output", "x", "--format", "csv"], "jsonl"),
    (["--prefix", "x"], "--sidecar"), (["--overwrite"], "--sidecar"),
    (["--sidecar", "ace-step-v1"], "scores no tags"),
    (["--sidecar", "audiofolder", "--output-dir", "out"], "beside the sounds"),
  ])
  func optionsThatDoNotGoTogether(options: [String], words: String) throws {
    try withSongs { _, caption in
      let found = try caption(["songs"] + options)
      #expect(found.exitCode == 64 && found.messages.contains(words), "\(found.messages)")
    }
  }
}
