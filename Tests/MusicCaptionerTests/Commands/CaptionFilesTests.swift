import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// The built `caption`: what it finds, what names it can take, and where captions go.
@Suite struct CaptionFilesTests {
  /// A folder with a model and two songs in a folder and its subfolder.
  private func withSongs(
    _ body: (_ folder: URL, _ shell: (String) throws -> BuiltCommand.Outcome) throws -> Void
  ) throws {
    let command = try BuiltCommand("caption").url.path
    try withTemporaryFolder { folder in
      try TinyModel.bundle().write(to: folder.appending(path: "model"))
      try FileManager.default.createDirectory(
        at: folder.appending(path: "songs/sub"), withIntermediateDirectories: true)
      try TinyModel.writeWave(folder.appending(path: "songs/a.wav"), seconds: 1)
      try TinyModel.writeWave(folder.appending(path: "songs/sub/b.wav"), seconds: 3, seed: 1)
      try body(folder) { script in
        let text = "caption() { '\(command)' --model model --threads 1 \"$@\"; }\n\(script)\n"
        try Data(text.utf8).write(to: folder.appending(path: ".script"))
        return try BuiltCommand(executable: URL(fileURLWithPath: "/bin/bash"))
          .run([".script"], in: folder)
      }
    }
  }

  private func files(_ folder: URL, _ name: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.appending(path: name).path).sorted()
  }

  @Test func namesThatAreNotUTF8AreCaptionedAndComeBack() throws {
    try withSongs { folder, shell in
      let found = try shell(
        #"""
        mkdir $'m\xfcsik'; cp songs/a.wav $'m\xfcsik/caf\xe9.wav'; cp songs/a.wav 'm\xfcsik.wav'
        caption $'m\xfcsik' $'m\xfcsik/caf\xe9.wav' 'm\xfcsik.wav' --format jsonl || exit 1
        caption 'm\xfcsik/caf\xe9.wav' --format csv --output $'\xe9.csv' || exit 2
        [ -s $'\xe9.csv' ] || exit 3
        caption $'m\xfcsik' --output-dir $'\xfc' --format json || exit 4
        [ -s $'\xfc/caf\xe9.json' ] || exit 5
        mv model $'m\xf6del'; caption songs --model $'m\xf6del' || exit 6
        cd $'m\xfcsik'; caption $'caf\xe9.wav' --model $'../m\xf6del' --output x.txt || exit 7
        [ -s x.txt ] || exit 8; cd ..
        rm -r $'m\xfcsik' $'m\xf6del' $'\xe9.csv' $'\xfc'
        """#)
      #expect(found.exitCode == 0, "\(found)")
      let names = found.lines.prefix(3).compactMap { line in
        (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["audio"]
          as? String
      }
      #expect(names == ["m\\xfcsik/caf\\xe9.wav", "m\\xfcsik/caf\\xe9.wav", "m\\x5cxfcsik.wav"])
    }
  }

  @Test func aTreeOfFilesHasAllFormats() throws {
    try withSongs { folder, shell in
      let all = try shell("caption songs --recursive --output-dir out --format all")
      #expect(all.exitCode == 0 && all.output.isEmpty && all.messages.isEmpty, "\(all)")
      let endings = ["csv", "json", "jsonl", "srt", "txt", "vtt"]
      #expect(
        try files(folder, "out")
          == (endings.map { "a.\($0)" } + ["sub"] + endings.map { "sub/b.\($0)" }))
      let text = try String(
        contentsOf: folder.appending(path: "out/sub/b.txt"), encoding: .utf8)
      #expect(text.hasPrefix("[00:00.000 --> 00:02.000] ") && text.utf8.count { $0 == 10 } == 2)
      // Again, over its own files, and beside the audio files.
      #expect(try shell("caption songs --output-dir out --format all").exitCode == 0)
      #expect(try shell("cd songs; caption a.wav --output-dir . --model ../model").exitCode == 0)
      #expect(try files(folder, "songs") == ["a.txt", "a.wav", "sub", "sub/b.wav"])
    }
  }

  @Test func noOutputLeavesItsFolderOrTakesAnothersPlace() throws {
    try withSongs { folder, shell in
      let found = try shell(
        """
        cp songs/a.wav -- -dash.wav; cp songs/a.wav $'two\\nlines.wav'; cp songs/a.wav songs/a.mp3
        cd songs; caption ../songs/../songs a.wav ./../-dash.wav $'../two\\nlines.wav' a.mp3 \
          --output-dir ../out --format json --model ../model
        """)
      #expect(found.exitCode == 0, "\(found)")
      #expect(
        try files(folder, "out") == [
          "-dash.json", "a.mp3-2.json", "a.mp3.json", "a.wav-2.json", "a.wav.json",
          "two\nlines.json",
        ])
      #expect(try Data(contentsOf: folder.appending(path: "songs/a.wav")).count > 1_000)
    }
  }

  @Test func outputsThatCannotBe() throws {
    try withSongs { folder, shell in
      for (arguments, code, words) in [
        ("songs --output-dir out --output x", 64, "--output-dir: found --output as well"),
        ("songs --format all", 64, "--output-dir ."), ("songs --output-dir ''", 64, "--output-dir"),
        ("songs --output-dir /dev/full/x", 74, "/dev/full/x"),
        ("songs --output-dir model/config.json", 74, "model/config.json"),
        ("songs --output-dir /sys/x", 74, "/sys/x"),
        ("songs --format srt --recursive", 64, "--output-dir DIR"),
      ] as [(String, Int32, String)] {
        let found = try shell("caption \(arguments)")
        #expect(found.exitCode == code && found.output.isEmpty, "\(arguments): \(found)")
        let errors = found.messageLines.filter { $0.hasPrefix("error: ") }
        #expect(errors.count == 1 && found.messages.contains(words), "\(found.messages)")
      }
      // What is there and is no output stays; a full disk costs the file only.
      let kept = try shell(
        """
        mkdir out; cp songs/a.wav out/a.json
        caption songs --output-dir out --format json; [ $? = 64 ] || exit 1
        cmp songs/a.wav out/a.json || exit 2; rm out/a.json
        ln -s /dev/full out/a.json; caption songs --recursive --output-dir out --format json
        [ $? = 74 ] || exit 3; [ -s out/sub/b.json ] || exit 4
        """)
      #expect(kept.exitCode == 0, "\(kept)")
      #expect(try files(folder, "out") == ["a.json", "sub", "sub/b.json"])
    }
  }

  @Test func anInterruptLeavesNoHalfFile() throws {
    try withSongs { folder, shell in
      let found = try shell(
        """
        for i in $(seq 400); do cp songs/sub/b.wav songs/$i.wav; done
        caption songs --output-dir out --format all --batch-size 1 &
        until ls out/*.vtt >/dev/null 2>&1; do sleep 0.02; done
        kill -INT $(pgrep -P $!) 2>/dev/null || kill -INT $!; wait $!
        """)
      #expect([130, 0].contains(found.exitCode), "\(found)")
      let names = try files(folder, "out")
      #expect(!names.contains { $0.contains(".tmp-") }, "\(names)")
      for name in names where name.hasSuffix(".jsonl") {
        let url = folder.appending(path: "out/\(name)")
        #expect(
          try String(contentsOf: url, encoding: .utf8).utf8.count { $0 == 10 } > 1
            || name == "a.jsonl")
      }
    }
  }

  @Test func aRunsFolderStandsForItsModel() throws {
    try withSongs { folder, shell in
      let found = try shell(
        """
        mkdir run; cp -r model run/model; : >run/config.yaml
        caption songs/a.wav --model run || exit 1; cp -r model run/best
        caption songs/a.wav --model run/ || exit 2; rm -r run/best run/model
        mkdir -p run/checkpoints/step-00000020; caption songs/a.wav --model run; [ $? = 66 ]
        """)
      #expect(found.exitCode == 0, "\(found)")
      #expect(
        found.messageLines == [
          "run is the folder of a run; using its model run/model",
          "run/ is the folder of a run; using its model run/best",
          "error: run: the folder of a run without a best or final model; expected a model, such as "
            + "its newest checkpoint, run/checkpoints/step-00000020",
        ])
    }
  }

  @Test func optionsAreExplained() throws {
    try withSongs { folder, shell in
      for (arguments, words) in [
        ("-dash.wav", "a file of this name is ./-dash.wav"), ("songs/a.wav --seed -1", "--seed"),
        ("songs --beam_width 3", "did you mean --beam-width?"), ("songs --format jsn", "all"),
        ("songs/a.wav --length-penalty -1000", "found -1000"),
      ] {
        let found = try shell("caption \(arguments)")
        #expect(found.exitCode == 64 && found.output.isEmpty, "\(found)")
        #expect(found.messageLines.count == 1 && found.messages.contains(words), "\(found)")
      }
      #expect(try shell("caption songs --length-penalty -3 2>&1").exitCode == 0)
      #expect(try shell("cp songs/a.wav ./-x.wav; caption ./-x.wav").exitCode == 0)
      #expect(try shell("caption -x.wav").messages.contains("to name the file, write ./-x.wav"))
      for name in ["train", "caption", "evaluate", "pseudocaption"] {
        let version = try BuiltCommand(name).run(["--version"], in: folder)
        #expect(version.exitCode == 0 && version.lines == [CommandEntry.version(of: name)])
      }
    }
  }
}
