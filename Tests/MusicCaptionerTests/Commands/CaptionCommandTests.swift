import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// The built `caption`: output, messages and exit code together.
@Suite struct CaptionCommandTests {
  /// A folder with a model, three songs and a text that calls itself one.
  private func withSongs(
    _ body: (_ folder: URL, _ caption: ([String]) throws -> BuiltCommand.Outcome) throws -> Void
  ) throws {
    let command = try BuiltCommand("caption")
    try withTemporaryFolder { folder in
      try TinyModel.bundle().write(to: folder.appending(path: "model"))
      try FileManager.default.createDirectory(
        at: folder.appending(path: "songs"), withIntermediateDirectories: true)
      for (index, seconds) in [2.0, 4.5, 1.5].enumerated() {
        try TinyModel.writeWave(
          folder.appending(path: "songs/\(index).wav"), seconds: seconds, seed: index)
      }
      try Data("no music".utf8).write(to: folder.appending(path: "text.wav"))
      try body(folder) { try command.run($0 + ["--model", "model"], in: folder) }
    }
  }

  private func objects(_ lines: [String]) throws -> [[String: Any]] {
    try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func aFolderIsCaptionedInOrder() throws {
    try withSongs { folder, caption in
      let found = try caption(["songs", "--format", "jsonl", "--batch-size", "3"])
      #expect(found.exitCode == 0)
      #expect(found.messages.isEmpty)
      let captions = try objects(found.lines)
      #expect(
        captions.map { $0["audio"] as? String }
          == ["songs/0.wav", "songs/1.wav", "songs/1.wav", "songs/2.wav"])
      #expect(captions.map { $0["end"] as? Double } == [2, 2, 4, 1.5])
      let library = try Captioner(model: folder.appending(path: "model"))
      let song = try library.caption(folder.appending(path: "songs/1.wav"))
      #expect(song.map(\.tokens) == captions[1...2].map { $0["tokens"] as? [Int] })
    }
  }

  @Test func badFilesDoNotKeepTheOthers() throws {
    try withSongs { _, caption in
      let missing = try caption(["songs/0.wav", "none.wav", "songs/2.wav"])
      #expect(missing.exitCode == 66)
      #expect(missing.lines.count == 2)
      #expect(missing.messageLines == ["error: none.wav: no such file; expected an audio file"])
      let bad = try caption(["text.wav", "songs/0.wav", "none.wav"])
      #expect(bad.exitCode == 65)
      #expect(bad.lines.count == 1)
      #expect(bad.messageLines.count == 2)
      #expect(bad.messageLines.first?.hasPrefix("error: text.wav: not an audio file") == true)
    }
  }

  @Test func wrongUsageIsOneLine() throws {
    try withSongs { _, caption in
      for (arguments, expected) in [
        (["songs", "--beam-width", "0"], "--beam-width: found 0"),
        (["songs", "--best", "9"], "--best: found 9"),
        (["songs", "--max-length", "9999"], "--max-length: found 9999"),
        (["songs", "--threads", "0"], "--threads"),
        (["songs", "--batch-size", "-1"], "batch-size"),
        (["songs", "--format", "xml"], "text, json, jsonl, csv, srt, vtt"),
        (["songs", "--fromat", "csv"], "--format"), ([], "audio"),
        (["songs", "--format", "srt"], "--output-dir DIR"),
        (["songs", "--seed", "-1"], "--seed"),
      ] {
        let found = try caption(arguments)
        #expect(found.exitCode == 64, "\(arguments)")
        #expect(found.output.isEmpty)
        #expect(found.messageLines.count == 1)
        #expect(found.messages.hasPrefix("error: ") && found.messages.contains(expected))
      }
    }
  }

  @Test func damagedModelsAreOneLine() throws {
    try withSongs { folder, caption in
      let file = { (name: String) in folder.appending(path: "model/\(name)") }
      // It would do in place of tokenizer.json.
      try FileManager.default.removeItem(at: file("vocab.json"))
      for (name, expected) in [
        ("model.safetensors", ExitStatus.badData), ("tokenizer.json", .badData),
        ("config.json", .badData),
      ] {
        let whole = try Data(contentsOf: file(name))
        for damaged in [whole.prefix(whole.count / 2), Data(), Data("{}".utf8)] {
          // A config.json may leave out what it likes.
          if name == "config.json" && damaged.count == 2 { continue }
          try damaged.write(to: file(name))
          let found = try caption(["songs/0.wav"])
          #expect(found.exitCode == expected.rawValue, "\(name), \(damaged.count) bytes")
          #expect(found.output.isEmpty && found.messageLines.count == 1)
          #expect(found.messages.contains("model"))
        }
        try FileManager.default.removeItem(at: file(name))
        #expect(try caption(["songs/0.wav"]).exitCode == 66, "\(name) missing")
        try whole.write(to: file(name))
      }
      // A model's own options are not blamed on flags that nobody gave.
      let bytes = try Data(contentsOf: file("config.json"))
      var config = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
      config["generation"] = ["best": 3, "beam_width": 4]
      try JSONSerialization.data(withJSONObject: config).write(to: file("config.json"))
      let clash = try caption(["songs/0.wav", "--beam-width", "2"])
      #expect(clash.exitCode == 64 && clash.messages.contains("--best: found 3, the model's own"))
      config["generation"] = ["maximum_length": 9000]
      try JSONSerialization.data(withJSONObject: config).write(to: file("config.json"))
      let own = try caption(["songs/0.wav"])
      #expect(
        own.exitCode == 65 && own.messages.contains("config.json: generation.maximum_length"),
        "\(own)")
      #expect(try caption(["songs/0.wav", "--max-length", "9999"]).exitCode == 64)
      for tags in [["a"] as Any, "a", 5] {
        config["generation"] = nil
        config["tags"] = tags
        try JSONSerialization.data(withJSONObject: config).write(to: file("config.json"))
        let wrong = try caption(["songs/0.wav"])
        #expect(wrong.exitCode == 65 && wrong.messages.contains("config.json: tags"), "\(wrong)")
      }
      let nonsense = Data(#"{"generation": {"beam_width": 0}}"#.utf8)
      try nonsense.write(to: file("config.json"))
      #expect(try caption(["songs/0.wav"]).exitCode == 65)
    }
  }

  @Test func outputGoesToAFileOrFails() throws {
    try withSongs { folder, caption in
      let found = try caption(["songs", "--format", "json", "--output", "out.json"])
      #expect(found.exitCode == 0 && found.output.isEmpty && found.messages.isEmpty)
      let json = try Data(contentsOf: folder.appending(path: "out.json"))
      #expect((try JSONSerialization.jsonObject(with: json) as? [Any])?.count == 4)
      let subtitles = try caption(["songs", "--format", "vtt", "--output", "subtitles/"])
      #expect(subtitles.exitCode == 0)
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "subtitles").path)
      #expect(names.sorted() == ["0.vtt", "1.vtt", "2.vtt"])
      for path in ["/dev/full", "none/out.json"] {
        let failed = try caption(["songs", "--output", path])
        #expect(failed.exitCode == 74)
        #expect(failed.messageLines.count == 1 && failed.messages.contains(path))
      }
    }
  }

  @Test func everyFlagReachesItsOption() throws {
    let values = [
      "--beam-width": "2", "--max-length": "9", "--min-length": "3", "--length-penalty": "0.5",
      "--no-repeat-ngram": "2", "--repetition-penalty": "1.1", "--best": "2",
      "--no-early-stopping": "", "--sample": "", "--temperature": "0.9", "--top-k": "5",
      "--top-p": "0.8", "--seed": "7", "--batch-size": "2", "--drop-partial": "",
      "--precision": "float32",
    ]
    #expect(Set(values.keys) == Set(OptionFlags.caption.map(\.flag)))
    try withSongs { _, caption in
      let arguments = OptionFlags.caption.map(\.flag).flatMap { [$0, values[$0] ?? ""] }
      let found = try caption(["songs/0.wav"] + arguments.filter { !$0.isEmpty })
      #expect(found.exitCode == 0 && found.lines.count == 2, "\(found)")
      #expect(
        found.messageLines == [
          "warning: --beam-width has no effect with --sample",
          "warning: --no-early-stopping has no effect with --sample",
        ])
      let refused = try caption(["songs/0.wav", "--length-penalty", "nan"])
      #expect(refused.exitCode == 64)
      #expect(
        refused.messageLines == ["error: --length-penalty: found nan; expected a finite number"])
      // Values of one type that were exchanged between two flags would name the other one.
      for (flag, value) in [
        ("--beam-width", "0"), ("--max-length", "1"), ("--min-length", "-1"),
        ("--length-penalty", "101"), ("--no-repeat-ngram", "-1"), ("--repetition-penalty", "0"),
        ("--best", "0"), ("--temperature", "0"), ("--top-k", "-1"), ("--top-p", "0"),
        ("--batch-size", "0"),
      ] {
        let found = try caption(["songs/0.wav", "\(flag)=\(value)"])
        #expect(found.exitCode == 64 && found.output.isEmpty, "\(flag)")
        #expect(found.messages.hasPrefix("error: \(flag): found \(value)"), "\(found.messages)")
        #expect(!found.messages.contains("_"), "\(found.messages)")
      }
      let other = try caption(["songs/0.wav", "--sample", "--seed", "8"])
      let seeded = try caption(["songs/0.wav", "--sample", "--seed", "7"])
      let again = try caption(["songs/0.wav", "--sample", "--seed", "7"])
      #expect(seeded.output == again.output && seeded.output != other.output)
    }
  }

  @Test func optionsWithoutEffectAreTold() throws {
    try withSongs { folder, caption in
      for (arguments, words) in [
        (["--temperature", "0.5"], ["--temperature has no effect without --sample"]),
        (["--top-k", "5", "--seed", "3"], ["--top-k has no effect", "--seed has no effect"]),
        (["--sample", "--beam-width", "3"], ["--beam-width has no effect with --sample"]),
        (["--recursive"], ["--recursive has no effect"]), (["--sample", "--seed", "3"], []),
      ] {
        let found = try caption(["songs/0.wav"] + arguments)
        #expect(found.exitCode == 0 && found.lines.count == 1)
        #expect(found.messageLines.count == words.count, "\(found.messages)")
        for word in words { #expect(found.messages.contains("warning: \(word)")) }
      }
    }
  }

  /// Where the name has room for `.txt` alone.
  @Test func namesWithoutRoomForAnEndingAreToldFirst() throws {
    try withSongs { folder, caption in
      let name = String(repeating: "x", count: 251) + ".wav"
      try FileManager.default.moveItem(
        at: folder.appending(path: "songs/1.wav"), to: folder.appending(path: "songs/\(name)"))
      let found = try caption(["songs", "--format", "all", "--output-dir", "out"])
      #expect(found.exitCode != 0 && found.messageLines.count == 1, "\(found.messages)")
      #expect(found.messages.contains("bytes; expected 255 at most"), "\(found.messages)")
      #expect(!PathName.exists(folder.appending(path: "out").path))
      #expect(try caption(["songs", "--format", "text", "--output-dir", "out"]).exitCode == 0)
    }
  }

  /// Runs the command as somebody else where the tests run as root, who may read everything.
  ///
  /// - Returns: The exit code is 99 where nobody else may run it.
  private func asSomebodyElse(
    _ arguments: String, in folder: URL
  ) throws -> BuiltCommand.Outcome {
    let command = try BuiltCommand("caption").url.path
    let script = """
      run=
      if [ "$(id -u)" = 0 ]; then run="setpriv --reuid=65534 --regid=65534 --clear-groups"; fi
      $run test -x '\(command)' || exit 99
      $run '\(command)' \(arguments)
      """
    try Data(script.utf8).write(to: folder.appending(path: ".script"))
    return try BuiltCommand(executable: URL(fileURLWithPath: "/bin/bash")).run(
      [".script"], in: folder)
  }

  @Test func checkpointsThatCannotBeReadAreNotTakenForNone() throws {
    try withSongs { folder, _ in
      let closed = folder.appending(path: "run/checkpoints")
      try FileManager.default.createDirectory(at: closed, withIntermediateDirectories: true)
      try Data().write(to: folder.appending(path: "run/config.yaml"))
      let mode = FileManager.default
      try mode.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
      try mode.setAttributes([.posixPermissions: 0], ofItemAtPath: closed.path)
      defer { try? mode.setAttributes([.posixPermissions: 0o755], ofItemAtPath: closed.path) }
      let found = try asSomebodyElse("songs/0.wav --model run", in: folder)
      if found.exitCode == 99 { return }  // Nobody else may read where this was built.
      #expect(found.exitCode != 0 && found.messageLines.count == 1, "\(found.messages)")
      #expect(found.messages.hasPrefix("error: run/checkpoints: can't be read: "))
    }
  }

  @Test func anUnreadableFolderCostsItsOwnFilesOnly() throws {
    try withSongs { folder, _ in
      let closed = folder.appending(path: "songs/closed")
      try FileManager.default.createDirectory(at: closed, withIntermediateDirectories: true)
      let mode = FileManager.default
      try mode.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
      try mode.setAttributes([.posixPermissions: 0], ofItemAtPath: closed.path)
      defer { try? mode.setAttributes([.posixPermissions: 0o755], ofItemAtPath: closed.path) }
      let found = try asSomebodyElse("songs --recursive --model model", in: folder)
      if found.exitCode == 99 { return }  // Nobody else may read where this was built.
      #expect(found.exitCode == 66 && found.lines.count == 4, "\(found.messages)")
      #expect(found.messageLines.count == 1)
      #expect(found.messages.hasPrefix("error: songs/closed: can't be read: "))
    }
  }

  @Test func oneFileOfSubtitlesThatCannotBeWrittenCostsNoOther() throws {
    try withSongs { folder, caption in
      try FileManager.default.createDirectory(
        at: folder.appending(path: "out"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "out/1.srt").path, withDestinationPath: "/dev/full")
      let found = try caption(["songs", "--format", "srt", "--output", "out"])
      #expect(found.exitCode == 74 && found.messageLines.count == 1, "\(found.messages)")
      #expect(found.messages.contains("1.srt"))
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "out").path)
      #expect(names.sorted() == ["0.srt", "1.srt", "2.srt"])
    }
  }

  @Test(arguments: ComputePrecision.allCases)
  func everyPrecisionIsThereOnEveryMachine(_ precision: ComputePrecision) throws {
    try withSongs { _, caption in
      let found = try caption(["songs/0.wav", "--precision", precision.rawValue])
      #expect(found.exitCode == 0 && found.lines.count == 1 && found.messages.isEmpty)
    }
  }

  @Test func samplingFollowsItsSeedWhateverTheThreads() throws {
    try withSongs { _, caption in
      func captions(_ seed: Int, threads: Int) throws -> String {
        try caption([
          "songs", "--sample", "--seed", "\(seed)", "--threads", "\(threads)", "--top-k", "50",
        ]).output
      }
      let first = try captions(1, threads: 1)
      #expect(try captions(1, threads: 3) == first)
      #expect(try captions(2, threads: 1) != first)
    }
  }

  @Test func anInterruptLeavesWholeLines() throws {
    try withSongs { folder, _ in
      let songs = Array(repeating: "songs/1.wav", count: 1000)
      let arguments = [
        "--model", "model", "--format", "jsonl", "--batch-size", "1", "--threads", "1",
      ]
      let found = try BuiltCommand("caption").run(
        songs + arguments, in: folder, interruptAfter: "\n")
      #expect(found.exitCode == 130)
      #expect(found.messageLines.count == 1 && found.messages.hasPrefix("interrupted: "))
      #expect(found.output.hasSuffix("\n"))
      let captions = try objects(found.lines)
      #expect((1..<2000).contains(captions.count))
    }
  }

  // MARK: With the development data

  @Test(.enabled(if: SharedData.has("parity/tiny-a")))
  func jsonLinesEqualTheGoldens() throws {
    let folder = SharedData.url("parity/tiny-a")
    let golden =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: folder.appending(path: "golden.json"))) as? [String: Any]
    let official = try #require(golden?["official_captions"] as? [String])
    let generation = (golden?["generation"] as? [String: Any])?["real"] as? [String: Any]
    let chunks = try #require(
      (generation?["default"] as? [String: Any])?["chunks"] as? [[String: Any]])
    let found = try BuiltCommand("caption").run(
      [
        "--model", "model.pth", "--tokenizer", "tokenizer/", "input.wav", "short.wav", "--format",
        "jsonl", "--drop-partial", "--best", "5",
      ], in: folder)
    #expect(found.exitCode == 0 && found.messages.isEmpty)
    let captions = try objects(found.lines)
    #expect(captions.map { $0["caption"] as? String } == official)
    #expect(captions.map { $0["audio"] as? String } == ["input.wav", "input.wav", "short.wav"])
    #expect(captions.map { $0["start"] as? Double } == [0, 10, 0])
    for (caption, chunk) in zip(captions, chunks) {
      let all = [caption] + (caption["alternatives"] as? [[String: Any]] ?? [])
      #expect(all.compactMap { $0["tokens"] as? [Int] } == chunk["sequences"] as? [[Int]])
      #expect(all.compactMap { $0["caption"] as? String } == chunk["texts_official"] as? [String])
      let scores = try #require(chunk["scores"] as? [Double])
      for (score, expected) in zip(all.map { $0["score"] as? Double ?? 0 }, scores) {
        #expect(abs(score - expected) <= 1e-3 * abs(expected))
      }
    }
  }

  @Test(
    .enabled(if: SharedData.has("parity/tiny-a") && SharedData.has("data/mixed-formats")))
  func allFormatsAreCaptioned() throws {
    let found = try caption(SharedData.url("data/mixed-formats"), "audio")
    #expect(found.exitCode == 0)
    #expect(found.lines.count == 24)
  }

  @Test(.enabled(if: SharedData.has("parity/tiny-a") && SharedData.has("data/bad-audio")))
  func badAudioDoesWhatIsExpectedOfIt() throws {
    let folder = SharedData.url("data/bad-audio")
    let list = try String(contentsOf: folder.appending(path: "expected.jsonl"), encoding: .utf8)
    let expectations = try objects(list.split(separator: "\n").map(String.init))
    let found = try caption(folder, "audio")
    #expect(found.exitCode == 65)
    let captioned = Set(try objects(found.lines).compactMap { $0["audio"] as? String })
    for expectation in expectations {
      let file = try #require(expectation["file"] as? String)
      let failed = found.messageLines.filter { $0.hasPrefix("error: \(file): ") }
      #expect(failed.count == (captioned.contains(file) ? 0 : 1), "\(file)")
      switch expectation["expect"] as? String {
      case "ok": #expect(captioned.contains(file))
      case "error": #expect(!captioned.contains(file))
      case "either": break
      case let other: Issue.record("\(file): expect \(other ?? "nothing")")
      }
    }
  }

  private func caption(_ folder: URL, _ audio: String) throws -> BuiltCommand.Outcome {
    let model = SharedData.url("parity/tiny-a")
    return try BuiltCommand("caption").run(
      [
        audio, "--model", model.appending(path: "model.pth").path, "--tokenizer",
        model.appending(path: "tokenizer").path, "--format", "jsonl", "--beam-width", "1",
        "--max-length", "20",
      ], in: folder)
  }
}
