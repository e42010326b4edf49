import Foundation
import Synchronization
import Testing

@testable import Commands
@testable import MusicCaptioner

/// A terminal or a log whose clock is moved by hand, and what was written to it.
private final class Stage: Sendable {
  private let state = Mutex((time: 0.0, written: [String](), width: 80))

  var written: [String] { state.withLock { $0.written } }
  var last: String { written.last ?? "" }

  func advance(_ seconds: Double) { state.withLock { $0.time += seconds } }
  func resize(_ width: Int) { state.withLock { $0.width = width } }

  func terminal() -> Console { console { self.state.withLock { $0.width } } }

  func log() -> Console { console(nil) }

  private func console(_ width: (@Sendable () -> Int)?) -> Console {
    Console(
      Terminal(width: width) { text in self.state.withLock { $0.written.append(text) } },
      clock: { self.state.withLock { $0.time } })
  }

  /// What a terminal would show of all that was written, line by line.
  var screen: [String] {
    var lines = [""]
    var column = 0
    var rest = Substring(written.joined())
    while let character = rest.first {
      if rest.hasPrefix("\u{1b}[K") {
        lines[lines.count - 1] = String(lines[lines.count - 1].prefix(column))
        rest = rest.dropFirst(3)
        continue
      }
      rest = rest.dropFirst()
      switch character {
      case "\r": column = 0
      case "\n":
        lines.append("")
        column = 0
      default:
        var line: [Character] = Array(lines[lines.count - 1])
        if column < line.count { line[column] = character } else { line.append(character) }
        lines[lines.count - 1] = String(line)
        column += 1
      }
    }
    return lines
  }
}

@Suite struct ConsoleTests {
  private func status(_ count: Int, of total: Int = 4_700) -> Status {
    var status = Status(count, of: total, "steps")
    status.add("loss 3.12", importance: 2)
    status.add(nil, importance: 9)
    status.add("lr 4.5e-04", importance: 1)
    return status
  }

  @Test func aTerminalGetsABarInPlaceWithinItsWidth() {
    let stage = Stage()
    let console = stage.terminal()
    console.begin(status(0))
    stage.advance(100)
    console.update(status(1_974))
    #expect(
      stage.screen == [
        " 42% ████████▍░░░░░░░░░░░  1974/4700 steps  loss 3.12  lr 4.5e-04  2m18s left"
      ])
  }

  @Test func theBarNeverReachesTheLastColumn() {
    let stage = Stage()
    let console = stage.terminal()
    console.begin(status(100))
    for width in Array(0...130) + [10_000] {
      stage.resize(width)
      stage.advance(1)
      console.update(status(1_974))
      let shown = stage.last.dropFirst("\r".count).dropLast("\u{1b}[K".count)
      #expect(shown.count <= max(0, width - 1), "width \(width): \(shown)")
      // Behind the bar a terminal echoes ^C.
      if width >= 8 { #expect(shown.count <= width - 3, "width \(width): \(shown)") }
      if width >= 40 { #expect(shown.contains("█") && shown.contains(" left"), "\(shown)") }
      if width >= 13 { #expect(shown.contains("█") || shown.contains("░"), "\(shown)") }
      if width >= 7 { #expect(shown.hasPrefix(" 42%"), "\(shown)") }
    }
    stage.resize(40)
    stage.advance(1)
    console.update(status(2_350))
    #expect(stage.last.contains(" 50% ██"))
    #expect(!stage.last.contains("loss"), "the least important goes first")
  }

  @Test func aLineOfATrainingTellsStepEpochLossRateSpeedAndTimeLeft() {
    let stage = Stage()
    let shown = TrainingConsole(stage.log())
    let summary = TrainingSummary(
      parameterCount: 1, trainingTracks: 2, validationTracks: 3, vocabularySize: 4, batchSize: 5,
      stepsPerEpoch: 6, totalSteps: 200,
      memory: TrainingMemory(
        parameterCount: 1, parameters: 4, gradients: 4, moments: 8, activations: 0, clips: 0,
        calibration: 0))
    shown.show(.prepared(summary))
    for step in [1, 50] {
      stage.advance(25)
      shown.show(
        .step(
          MetricsLine(
            step: step, epoch: 1.25, time: 0, loss: 3.125, learningRate: 4.5e-4,
            examplesPerSecond: 87.5)))
    }
    #expect(
      stage.last
        == "25%  50/200 steps  epoch 1.2  loss 3.12  lr 4.5e-04  87.5 clips/s  1m17s left\n")
  }

  /// What the terminal shows after the first caption of a file.
  private func bar(files: Int, length: Double?, width: Int = 80) throws -> String {
    let stage = Stage()
    stage.resize(width)
    let session = CaptionSession(stage.terminal())
    return try withTemporaryFolder { folder in
      let output = folder.appending(path: "out.txt").path
      let plan = CaptionOutputPlan.written(.document(.text, path: output), resumes: false)
      let paths = (0..<files).map { "\($0).wav" }
      _ = try session.open(plan, paths, best: 1, holdsSongs: false)
      session.begin(length: length)
      for end in [10.0, 40] {
        stage.advance(2)
        let caption = Caption(
          audio: "a.wav", start: end - 10, end: end, text: "A waltz.", score: 0, tokens: [],
          alternatives: [])
        try session.handle(.caption(caption))
        if length ?? 100 <= end { break }
      }
      let shown = stage.screen.last ?? ""
      try session.finish()
      return shown
    }
  }

  @Test func aLongFileHasABarAndAShortOneHasNone() throws {
    #expect(try bar(files: 1, length: 10) == "")
    let long = try bar(files: 1, length: 160)
    #expect(long.hasPrefix(" 25% █") && long.hasSuffix("░  40/160 s  0.500 chunks/s  10s left"))
    // A header is wrong, or says nothing.
    #expect(try bar(files: 1, length: 35) == "  40 s  0.500 chunks/s")
    #expect(try bar(files: 1, length: nil) == "  40 s  0.500 chunks/s")
  }

  @Test func severalFilesHaveABarWithThePlaceInTheCurrentOne() throws {
    let short = try bar(files: 4, length: 10)
    #expect(short.hasPrefix(" 25% ") && short.contains("0/4 files  0.500 chunks/s"))
    let long = try bar(files: 4, length: 80)
    #expect(long.hasPrefix(" 12% ") && long.contains("  0/4 files  40/80 s  0.500 chunks/s  "))
    #expect(try bar(files: 4, length: 80, width: 40).hasPrefix(" 12% █"))
    #expect(try bar(files: 4, length: nil).hasPrefix("  0% ░"))
  }

  @Test func afterTheEndNoStatusComesBack() {
    let stage = Stage()
    let console = stage.terminal()
    console.begin(status(0))
    console.close()
    stage.advance(1)
    console.update(status(9))
    console.begin(status(0))
    console.say("interrupted")
    #expect(stage.screen == ["interrupted", ""])
  }

  @Test func theBarGoesFromEmptyToFull() {
    let stage = Stage()
    let console = stage.terminal()
    console.update(status(0, of: 8))
    #expect(stage.screen[0].contains("  0% ░"))
    console.update(status(8, of: 8))
    #expect(stage.screen[0].contains("100% █") && !stage.screen[0].contains("░"))
    console.update(status(9, of: 8))
    console.update(status(0, of: 0))
    #expect(stage.screen[0].hasPrefix("100% "))
  }

  @Test func messagesStandAboveTheBarAndStay() throws {
    let stage = Stage()
    let console = stage.terminal()
    console.say("before")
    console.update(status(10))
    let bar = stage.screen.last ?? ""
    console.say("short")
    console.say("a caption of", "two lines")
    #expect(stage.screen == ["before", "short", "a caption of", "two lines", bar])
    let failure = SystemFailure.noSpace
    #expect(throws: failure) {
      try console.withStatusHidden { () throws(SystemFailure) in
        #expect(stage.screen.last == "")
        throw failure
      }
    }
    #expect(stage.screen.last == bar)
    console.end()
    console.warn("after")
    #expect(
      stage.screen
        == ["before", "short", "a caption of", "two lines", "warning: after", ""])
  }

  @Test func aMessageIsOneLineThatCannotSteerTheTerminal() {
    let stage = Stage()
    stage.log().error("a\u{1b}[2Jb\rc\td\u{9b}e\nf\u{2028}g\u{202e}h")
    #expect(stage.last == "error: a\\u001b[2Jb c d\\u009be f g\\u202eh\n")
  }

  @Test func whatNobodyReadsLosesItsMiddle() {
    let stage = Stage()
    let name = String(repeating: "long/", count: 2_000)
    stage.log().warn("\(name)song.wav: no such file; expected an audio file")
    #expect(stage.last.hasPrefix("warning: long/long/") && stage.last.utf8.count < 250)
    #expect(stage.last.hasSuffix("g/long/song.wav: no such file; expected an audio file\n"))
    stage.log().error(String(repeating: "word ", count: 100_000) + "the end")
    #expect(stage.last.unicodeScalars.count < 620 && stage.last.hasSuffix("word the end\n"))
    // One letter with many marks is one Character.
    stage.log().error("e" + String(repeating: "\u{301}", count: 1_000_000))
    #expect(stage.last.utf8.count < 400)
  }

  @Test func theBarIsNotDrawnMoreOftenThanAnEyeSees() {
    let stage = Stage()
    let console = stage.terminal()
    for step in 1...1_000 {
      console.update(status(step))
      stage.advance(0.001)
    }
    #expect(stage.written.count == 10)
  }

  @Test func aLogGetsALineNowAndThenAndAtTheEnd() {
    let stage = Stage()
    let console = stage.log()
    console.begin(status(0, of: 100))
    for step in 1...100 {
      stage.advance(step <= 40 ? 0.5 : 0.01)
      console.update(status(step, of: 100))
    }
    console.end()
    #expect(
      stage.written == [
        "20%  20/100 steps  loss 3.12  lr 4.5e-04  40s left\n",
        "40%  40/100 steps  loss 3.12  lr 4.5e-04  30s left\n",
        "100%  100/100 steps  loss 3.12  lr 4.5e-04\n",
      ])
    // A short job says nothing, unless it has not been announced.
    console.begin(status(0, of: 2))
    console.update(status(2, of: 2))
    #expect(stage.written.count == 3)
    console.end()
    console.update(status(1, of: 2))
    console.update(status(2, of: 2))
    #expect(stage.written.count == 5)
  }

  @Test func aPauseForValidationHardlyMovesTheTimeLeft() {
    var pace = Pace()
    var time = 0.0
    var left: [Double] = []
    // 1 s a step and 30 s of validation every 100 steps: 1.3 s a step over all.
    for step in 0...500 {
      pace.add(Double(step), of: 1_500, at: time)
      left.append(pace.seconds(for: Double(1_500 - step)) ?? 0)
      time += step % 100 == 99 ? 31 : 1
    }
    // 1,300 s are left. Right before a validation it seems less, right after it more.
    #expect(left[499...500].allSatisfy { (1_200..<1_400).contains($0) }, "\(left[499...500])")
    // A count that comes late from another thread changes nothing.
    pace.add(3, of: 1_500, at: time)
    #expect(pace.seconds(for: 1_000) == left[500])
  }

  @Test func aDumbTerminalIsNone() {
    #expect(Terminal.canDrawOver(true, ["TERM": "xterm"]) && Terminal.canDrawOver(true, [:]))
    #expect(!Terminal.canDrawOver(true, ["TERM": "dumb"]))
    #expect(!Terminal.canDrawOver(false, ["TERM": "xterm"]))
  }

  @Test func warningsOfRetriesAreFew() {
    let stage = Stage()
    let warnings = RetryWarnings(stage.log())
    for _ in 0..<5 { warnings.add("busy") }
    stage.advance(2)
    warnings.add("busy")
    #expect(stage.written == ["warning: busy\n", "warning: busy (and 4 like it before)\n"])
  }

  @Test func durations() {
    let expected: [(Double, String)] = [
      (0, "0s"), (12.4, "12s"), (59.6, "1m00s"), (190, "3m10s"), (3_599.5, "1h00m"),
      (3_720, "1h02m"), (86_399, "23h59m"), (183_600, "2d03h"), (-1, "?"), (.nan, "?"),
      (.infinity, "?"), (1e300, "?"),
    ]
    for (seconds, text) in expected { #expect(ProgressFormat.duration(seconds) == text) }
  }

  @Test func numbersHaveThreeDigits() {
    let expected: [(Double, String)] = [
      (0.03123, "0.0312"), (0.5, "0.500"), (3.123, "3.12"), (9.996, "10.0"), (61.24, "61.2"),
      (99.96, "100"), (123.4, "123"), (-3.123, "-3.12"), (.nan, "nan"), (.infinity, "inf"),
    ]
    for (value, text) in expected { #expect(ProgressFormat.number(value) == text) }
    #expect(ProgressFormat.learningRate(4.5e-4) == "4.5e-04")
    let sizes: [(Int, String)] = [
      (0, "0 B"), (987, "987 B"), (12_345, "12.3 kB"), (594_600_000, "595 MB"),
      (999_600_000, "1.00 GB"), (5_230_000_000, "5.23 GB"), (.max, "9223372 TB"),
    ]
    for (size, text) in sizes { #expect(ProgressFormat.bytes(size) == text) }
  }
}
