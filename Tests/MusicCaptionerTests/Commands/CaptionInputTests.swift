import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// What the built `caption` takes in besides files that it decodes itself: standard input, pipes, and what a
/// program that runs beside it decodes.
@Suite struct CaptionInputTests {
  private struct Shell {
    let folder: URL
    /// Runs a script in which `$caption` captions with the model.
    let run: (String) throws -> BuiltCommand.Outcome
  }

  private func withSong(_ body: (Shell) throws -> Void) throws {
    let command = try BuiltCommand("caption").url.path
    let bash = BuiltCommand(executable: URL(fileURLWithPath: "/bin/bash"))
    try withTemporaryFolder { folder in
      try TinyModel.bundle().write(to: folder.appending(path: "model"))
      try TinyModel.writeWave(folder.appending(path: "song.wav"), seconds: 4.5, seed: 1)
      try body(
        Shell(folder: folder) { script in
          try Data("caption='\(command) --model model --format jsonl'\n\(script)\n".utf8)
            .write(to: folder.appending(path: ".script"))
          return try bash.run([".script"], in: folder)
        })
    }
  }

  private func names(_ outcome: BuiltCommand.Outcome) throws -> [String?] {
    try outcome.lines.map {
      let object = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      return object?["audio"] as? String
    }
  }

  // MARK: Standard input and pipes

  @Test func standardInputIsAFileCalledMinus() throws {
    try withSong { shell in
      let expected = try shell.run("$caption song.wav")
      #expect(expected.exitCode == 0 && expected.lines.count == 2)
      for (script, name) in [
        ("$caption - < song.wav", "-"), ("cat song.wav | $caption -", "-"),
        ("(head -c 100 song.wav; sleep 0.3; tail -c +101 song.wav) | $caption -", "-"),
        ("cat song.wav | $caption /dev/stdin", "/dev/stdin"),
        ("mkfifo pipe; (sleep 0.5; cat song.wav > pipe) & $caption pipe", "pipe"),
        ("cp song.wav ./-; echo no | $caption ./-", "./-"),
      ] {
        let found = try shell.run(script)
        #expect(found.exitCode == 0 && found.messages.isEmpty, "\(script): \(found.messages)")
        #expect(try names(found) == [name, name], "\(script)")
        let same = expected.output.replacing("\"song.wav\"", with: "\"\(name)\"")
        #expect(found.output == same, "\(script)")
      }
      let substituted = try shell.run("$caption <(cat song.wav) song.wav")
      #expect(substituted.exitCode == 0 && substituted.lines.count == 4, "\(substituted.messages)")
    }
  }

  @Test func whatIsNoSoundOnStandardInputIsOneLine() throws {
    try withSong { shell in
      for (script, code, words) in [
        ("$caption - < /dev/null", 65, "error: -: standard input is empty; expected WAV"),
        ("true | $caption -", 65, "error: -: standard input is empty"),
        ("$caption <(true)", 65, "is empty"), ("$caption - <&-", 65, "standard input is empty"),
        ("echo text | $caption -", 65, "error: -: not an audio file: it begins with text"),
        ("$caption - < /dev/zero", 66, "not a regular file"),
        ("$caption - < model", 66, "it is a folder"),
        ("$caption /dev/zero", 66, "error: /dev/zero: can't be read: not a regular file"),
        ("$caption - - < song.wav", 64, "error: -: found standard input 2 times; expected it once"),
        ("$caption - /dev/stdin < song.wav", 64, "standard input 2 times"),
        ("echo old > out; $caption - --output out < out", 64, "is the input"),
      ] {
        let found = try shell.run(script)
        #expect(found.exitCode == code, "\(script): \(found.messages)")
        #expect(found.messageLines.count == 1 && found.output.isEmpty, "\(script)")
        #expect(found.messages.contains(words), "\(script): \(found.messages)")
      }
      // A part that something else has read is gone.
      let rest = try shell.run("(head -c 20 > /dev/null; $caption -) < song.wav")
      #expect(rest.exitCode == 65 && rest.messages.contains("not an audio file"))
    }
  }

  @Test func anInterruptEndsTheWaitForInput() throws {
    try withSong { shell in
      let found = try shell.run(
        """
        mkfifo pipe; (exec sleep 10 > pipe) & writer=$!
        set -m; $caption - < pipe & sleep 2; kill -INT %2; wait %2; code=$?
        kill $writer; exit $code
        """)
      #expect(found.exitCode == 130, "\(found.messages)")
      #expect(found.messages.contains("interrupted"))
    }
  }

  // MARK: Programs

  @Test func withoutFFmpegTheFormatAndThePackageAreNamed() throws {
    try withSong { shell in
      try Data("wvpk\u{0}\u{0}".utf8).write(to: shell.folder.appending(path: "song.wv"))
      // A program beside the data is none of ours.
      let trap = try FFmpeg.pretend("touch started", in: shell.folder)
      #expect(trap.hasSuffix("programs/ffmpeg"))
      let found = try shell.run("PATH=programs::. $caption song.wv song.wav")
      #expect(found.exitCode == 65 && found.lines.count == 2)
      #expect(
        found.messageLines == [
          "error: song.wv: WavPack is read with ffmpeg, which isn't installed; install the package "
            + "ffmpeg"
        ])
      let names = try FileManager.default.contentsOfDirectory(atPath: shell.folder.path)
      #expect(!names.contains("started"))
    }
  }

  @Test func aProgramThatCannotBeStartedIsOneLine() throws {
    try withSong { shell in
      try Data("wvpk\u{0}\u{0}".utf8).write(to: shell.folder.appending(path: "song.wv"))
      _ = try FFmpeg.pretend("exit 1", in: shell.folder)
      try Data("no program".utf8).write(to: shell.folder.appending(path: "programs/ffmpeg"))
      let found = try shell.run("PATH=$PWD/programs $caption song.wv")
      #expect(found.exitCode == 74 && found.messageLines.count == 1)
      #expect(found.messages.hasPrefix("error: song.wv: ffmpeg can't be started: "))
    }
  }

  /// Interrupted with a program that hangs, or that goes on and on and minds no signal.
  @Test(arguments: ["sleep 100", "while :; do head -c 100000 /dev/zero; done"])
  func anInterruptLeavesNoProgramBehind(_ body: String) throws {
    try withSong { shell in
      try Data("wvpk\u{0}\u{0}".utf8).write(to: shell.folder.appending(path: "song.wv"))
      _ = try FFmpeg.pretend(
        """
        echo $$ > number
        trap '' INT TERM PIPE HUP
        printf '\(FFmpeg.header)'
        \(body)
        """, in: shell.folder)
      // The whole group of processes is interrupted, as a terminal does. What has ended may wait for its parent.
      let found = try shell.run(
        """
        set -m; PATH=$PWD/programs:$PATH $caption song.wv > output & command=$!
        until [ -s number ]; do sleep 0.05; done; sleep 0.5; kill -INT -- -$command; wait $command
        code=$?; grep '^State' /proc/$(cat number)/status 2>/dev/null | grep -v Z; exit $code
        """)
      #expect(found.exitCode == 130, "\(found.messages)")
      #expect(found.output.isEmpty && found.messageLines.count == 1, "\(found)")
      #expect(found.messages.hasPrefix("interrupted: "))
    }
  }

  @Test(.enabled(if: FFmpeg.isInstalled)) func foreignFormatsAreCaptionedLikeTheirOriginals() throws
  {
    try withSong { shell in
      for name in ["song.m4a", "end.m4a"] {
        let place = name == "song.m4a" ? ["-movflags", "+faststart"] : []
        #expect(
          try FFmpeg.run(["-i", "song.wav", "-c:a", "alac"] + place + [name], in: shell.folder))
      }
      let expected = try shell.run("$caption song.wav")
      for script in [
        "$caption song.m4a", "$caption end.m4a", "cat end.m4a | $caption -", "$caption - < end.m4a",
        "$caption <(cat end.m4a)",
      ] {
        let found = try shell.run(script)
        #expect(found.exitCode == 0 && found.messages.isEmpty, "\(script): \(found.messages)")
        let tokens = { (text: String) in text.matches(of: /"tokens": \[.*?\]/).map { $0.output } }
        #expect(tokens(found.output) == tokens(expected.output) && found.lines.count == 2)
      }
      let many = try shell.run("$caption $(for i in $(seq 60); do echo song.m4a; done)")
      #expect(many.exitCode == 0 && many.lines.count == 120)
    }
  }
}
