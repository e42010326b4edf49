import Foundation
import Glibc
import Testing

@testable import Commands
@testable import MusicCaptioner

/// How a program that calls itself ffmpeg is dealt with, whatever it does.
@Suite struct FFmpegDecoderTests {
  /// What a script's output decodes to.
  private func decode(
    _ script: String, patience: Int = 10_000
  ) throws -> (samples: [Float], warnings: [String]) {
    try withTemporaryFolder { folder in
      let program = try FFmpeg.pretend(script, in: folder)
      let decoder = try #require(
        try FFmpegDecoder(source(in: folder), format(), program: program, patience: patience))
      #expect(decoder.sampleRate == 16_000 && decoder.channelCount == 1)
      var samples: [Float] = []
      var block = [Float](repeating: 0, count: 500)
      while true {
        let count = try block.withUnsafeMutableBufferPointer { (block) throws(AudioError) in
          try decoder.read(500, into: block)
        }
        if count == 0 { break }
        samples += block[..<count]
      }
      return (samples, decoder.warnings.map(\.description))
    }
  }

  private func problem(_ script: String, patience: Int = 10_000) -> String {
    do {
      _ = try decode(script, patience: patience)
      return ""
    } catch {
      #expect(error is AudioError && ExitStatus(error) == .badData)
      return "\(error)"
    }
  }

  private func source(in folder: URL) throws -> SoundSource {
    let url = folder.appending(path: "song.wv")
    try Data("wvpk and more".utf8).write(to: url)
    return SoundSource(
      try Descriptor(opening: url.path, for: .reading), size: 13, path: "song.wv")
  }

  private func format() throws -> ForeignFormat {
    try #require(ForeignFormat { Array("wvpk\u{0}".utf8.dropFirst($0).prefix($1)) })
  }

  private static let someSound = "printf '\(FFmpeg.header)'; head -c 8000 /dev/zero"

  @Test func soundIsPassedOn() throws {
    let found = try decode(Self.someSound)
    #expect(found.samples == [Float](repeating: 0, count: 2_000) && found.warnings == [])
  }

  @Test func theFileIsItsStandardInput() throws {
    let found = try decode("printf '\(FFmpeg.header)'; cat /proc/self/fd/0 | head -c 4")
    #expect(found.samples.map(\.bitPattern) == [0x6B70_7677])
  }

  @Test func failuresBeforeAnySoundAreErrors() {
    for (script, words) in [
      ("exit 1", "ffmpeg exited without a message"),
      ("echo '[error] file:x: Invalid data found when processing input' >&2; exit 1", "is damaged"),
      ("echo '[mov @ 0x5] [error] moov atom not found' >&2; exit 1", "moov"),
      (
        "echo '[wv @ 0x5] [error] strange thing' >&2; exit 1",
        "ffmpeg can't read it; is it damaged?"
      ),
      ("kill -SEGV $$", "killed by signal 11"), ("echo junk; sleep 9", "other than sound"),
      ("head -c 100000 /dev/urandom", "other than sound"),
      ("printf '\(FFmpeg.header)'", "ffmpeg finds no sound in it"),
      ("printf '\(FFmpeg.header)'; exit 3", "ffmpeg exited without a message"),
      ("printf 'RIFF\\377\\377\\377\\377WAVEfmt '", "ffmpeg finds no sound"),
      (
        "printf 'RIFF\\0\\0\\0\\0WAVEabcd\\377\\377\\377\\377'; head -c 9999 /dev/zero",
        "other than"
      ),
    ] {
      let found = problem(script)
      #expect(found.hasPrefix("song.wv: can't be decoded as WavPack: "), "\(script): \(found)")
      #expect(found.contains(words), "\(script): \(found)")
    }
  }

  @Test func whatCameBeforeAFailureCounts() throws {
    for (script, words) in [
      ("exit 1", "it can't be decoded after 0.125 s"), ("kill -9 $$", "signal 9"),
      ("echo '[error] bad frame' >&2", "parts of the WavPack stream can't be decoded"),
      ("echo '[warning] Packet corrupt (stream = 0)' >&2", "parts of the WavPack stream"),
    ] {
      let found = try decode("\(Self.someSound); \(script)")
      #expect(found.samples.count == 2_000)
      #expect(found.warnings.count == 1 && found.warnings[0].contains(words), "\(found.warnings)")
    }
  }

  @Test func aProgramThatHangsIsEnded() throws {
    #expect(problem("sleep 100", patience: 300).contains("ffmpeg produced no output for 0 s"))
    #expect(
      problem("trap '' TERM PIPE INT; sleep 100", patience: 300).contains("produced no output"))
    // Messages without end are no sound.
    #expect(problem("yes '[error] x' >&2", patience: 500).contains("produced no output"))
    let found = try decode("\(Self.someSound); sleep 100", patience: 2_000)
    #expect(found.samples.count == 2_000 && found.warnings.count == 1)
  }

  @Test func theLinesOfATagAreNoMessages() throws {
    let tag =
      "printf '[info]     lyrics: one\\n                  : all corrupt [error] here\\xe2\\x80\\xa8[error] z\\n' >&2"
    let found = try decode("\(tag); \(Self.someSound)")
    #expect(found.samples.count == 2_000 && found.warnings.isEmpty, "\(found.warnings)")
  }

  @Test func endlessMessagesAreKeptInPart() throws {
    let found = try decode(
      "head -c 3000000 /dev/zero | tr '\\0' x >&2; \(Self.someSound); echo '[error] y' >&2")
    #expect(found.samples.count == 2_000 && found.warnings.count == 1)
  }

  @Test func noProgramIsLeftBehind() throws {
    try withTemporaryFolder { folder in
      let script = """
        echo $$ > "\(folder.path)/number"
        trap '' TERM PIPE INT HUP
        printf '\(FFmpeg.header)'
        while :; do head -c 100000 /dev/zero; done
        """
      let program = try FFmpeg.pretend(script, in: folder)
      for _ in 0..<3 {
        var decoder = try FFmpegDecoder(source(in: folder), format(), program: program)
        #expect(decoder?.sampleRate == 16_000)
        let text = try String(contentsOf: folder.appending(path: "number"), encoding: .utf8)
        let number = try #require(Int32(text.trimmingCharacters(in: .newlines)))
        #expect(SystemProcess.isAlive(number))
        decoder = nil
        #expect(!SystemProcess.isAlive(number))
      }
    }
  }

  /// The commands block some signals and ignore others; a program that inherited this would not end.
  @Test func signalsAreAsUsualInTheProgram() throws {
    signal(SIGPIPE, SIG_IGN)
    // The digit of SIGPIPE is the fourth from the right.
    let script = """
      grep -q 'SigBlk:.0000000000000000' /proc/self/status || exit 1
      case $(grep SigIgn: /proc/self/status) in *[13579bdf]???) exit 2;; esac
      \(Self.someSound)
      """
    #expect(try decode(script).samples.count == 2_000)
  }

  @Test func goingBackStartsAgain() throws {
    try withTemporaryFolder { folder in
      let program = try FFmpeg.pretend(
        "printf '\(FFmpeg.header)'; printf '\\0\\0\\200\\77\\0\\0\\0\\100'", in: folder)
      let decoder = try #require(
        try FFmpegDecoder(source(in: folder), format(), program: program))
      for round in 0..<3 {
        if round > 0 { #expect(decoder.seek(to: 0)) }
        var block = [Float](repeating: 0, count: 4)
        let count = try block.withUnsafeMutableBufferPointer { (block) throws(AudioError) in
          try decoder.read(4, into: block)
        }
        #expect(Array(block[..<count]) == [1, 2])
        #expect(!decoder.seek(to: 1))
      }
    }
  }

  @Test func anAbsentProgramIsNoError() throws {
    try withTemporaryFolder { folder in
      let decoder = try FFmpegDecoder(
        source(in: folder), format(), program: "/nonexistent/ffmpeg")
      #expect(decoder == nil)
    }
  }

  @Test func durationsAreKnownHoweverMuchPrecedesThem() throws {
    try withTemporaryFolder { folder in
      let program = try FFmpeg.pretend(
        """
        head -c 20000 /dev/zero | tr '\\0' x >&2; echo >&2
        echo '[info]   Duration: 00:01:03.25, start: 0.0' >&2
        \(Self.someSound)
        """, in: folder)
      for _ in 0..<5 {
        let decoder = try FFmpegDecoder(source(in: folder), format(), program: program)
        #expect(decoder?.approximateSeconds == 63.25)
      }
    }
  }

  @Test func whatTheFilesTagsSayIsNoMessage() {
    let tags = """
      [info]     title           : [error] Corrupt
      [info]     comment         : corrupt
      """
    let info = FFmpegMessages(Array(tags.utf8))
    #expect(!info.tellOfDamage && info.problem == "ffmpeg exited without a message")
    let error = FFmpegMessages(Array((tags + "\n[aac @ 0x55d5] [error] bad frame\n" + tags).utf8))
    #expect(error.tellOfDamage && error.problem == "ffmpeg can't read it; is it damaged?")
    #expect(FFmpegMessages(Array("[aac @ 0x1] [warning] corrupt input packet".utf8)).tellOfDamage)
    let loader = FFmpegMessages(Array("ffmpeg: error while loading shared libraries".utf8))
    #expect(!loader.tellOfDamage && loader.problem.contains("shared libraries"))
  }

  @Test func durationsAreReadFromWhatFFmpegSays() {
    func seconds(_ text: String) -> Double? { FFmpegMessages(Array(text.utf8)).seconds }
    #expect(seconds("[info]   Duration: 00:01:03.25, start: 0.0, bitrate: 1 kb/s\n") == 63.25)
    #expect(seconds("[info]   Duration: N/A, start: 0.0\n") == nil)
    #expect(seconds("[warning] x\n[info]     title : Duration: 00:00:09.00, a\n") == nil)
    #expect(
      seconds(
        "[warning] Estimating duration from bitrate, this may be inaccurate\n"
          + "[info]   Duration: 00:01:03.25, start") == nil)
  }
}
