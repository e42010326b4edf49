import Foundation
import Synchronization
import Testing

@testable import Commands
@testable import MusicCaptioner

/// A reporter whose clock is moved by hand, and what it wrote.
private final class Stage: Sendable {
  private let state = Mutex((time: 0.0, written: [String](), width: 80))

  var written: [String] { state.withLock { $0.written } }
  var last: String { written.last ?? "" }

  func advance(_ seconds: Double) { state.withLock { $0.time += seconds } }
  func resize(_ width: Int) { state.withLock { $0.width = width } }

  func bar() -> ProgressReporter {
    reporter(.bar(width: { self.state.withLock { $0.width } }))
  }

  func lines(seconds: Double, steps: Int? = nil) -> ProgressReporter {
    reporter(.lines(everySeconds: seconds, everySteps: steps))
  }

  private func reporter(_ style: ProgressReporter.Style) -> ProgressReporter {
    ProgressReporter(
      style: style, clock: { self.state.withLock { $0.time } },
      sink: { text in self.state.withLock { $0.written.append(text) } })
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

@Suite struct ProgressReporterTests {
  private func status(_ step: Int, of count: Int = 4_700, loss: Double = 3.12)
    -> ProgressReporter.Status
  {
    ProgressReporter.Status(
      step: step, stepCount: count, epoch: 2.5, loss: loss, learningRate: 4.5e-4,
      examplesPerSecond: 61.2)
  }

  @Test func aLineTellsStepEpochLossRateSpeedAndTimeLeft() {
    let stage = Stage()
    let reporter = stage.lines(seconds: 10)
    reporter.update(status(20))
    stage.advance(10)
    reporter.update(status(120))
    #expect(
      stage.written == [
        "step 20/4700  epoch 2.5  loss 3.12  lr 4.5e-04  61.2 clips/s\n",
        "step 120/4700  epoch 2.5  loss 3.12  lr 4.5e-04  61.2 clips/s  7m38s left\n",
      ])
  }

  @Test func linesComeAfterSecondsOrStepsAndAtTheEnd() {
    let stage = Stage()
    let reporter = stage.lines(seconds: 10, steps: 50)
    for step in 1...100 {
      stage.advance(step <= 40 ? 0.5 : 0.01)
      reporter.update(status(step, of: 100))
    }
    reporter.update(status(100, of: 100))
    reporter.finish()
    let steps = stage.written.map { $0.prefix { $0 != "/" } }
    #expect(steps == ["step 1", "step 21", "step 71", "step 100"])
  }

  @Test func withoutATerminalMessagesAreLinesAsTheyAre() {
    let stage = Stage()
    let reporter = stage.lines(seconds: 10)
    reporter.message("validation loss 2.9\n  a caption")
    reporter.finish()
    reporter.message("done")
    #expect(stage.written == ["validation loss 2.9\n  a caption\n", "done\n"])
  }

  @Test func theBarIsDrawnInPlaceWithinTheWidth() {
    let stage = Stage()
    let reporter = stage.bar()
    stage.resize(100)
    reporter.update(status(0))
    stage.advance(100)
    reporter.update(status(1_974))
    #expect(
      stage.screen == [
        " 42% █████████▋░░░░░░░░░░░░░ 1974/4700  epoch 2.5  loss 3.12  lr 4.5e-04  61.2 clips/s  2m18s left"
      ])
  }

  @Test func theBarNeverReachesTheLastColumn() {
    let stage = Stage()
    let reporter = stage.bar()
    reporter.update(status(100))
    for width in Array(0...130) + [10_000] {
      stage.resize(width)
      stage.advance(1)
      reporter.update(status(1_974, loss: 1e15))
      let shown = stage.last.dropFirst("\r".count).dropLast("\u{1b}[K".count)
      #expect(shown.count <= max(0, width - 1), "width \(width): \(shown)")
      if width >= 40 { #expect(shown.contains("42%") && shown.contains(" left"), "\(shown)") }
      if width >= 5 { #expect(shown.hasPrefix(" 42%"), "\(shown)") }
    }
  }

  @Test func theBarGoesFromEmptyToFull() {
    let stage = Stage()
    let reporter = stage.bar()
    reporter.update(status(0, of: 8))
    #expect(stage.screen[0].contains("  0% ░"))
    stage.advance(1)
    reporter.update(status(8, of: 8))
    #expect(stage.screen[0].contains("100% █") && !stage.screen[0].contains("░"))
    stage.advance(1)
    reporter.update(status(9, of: 8))
    reporter.update(status(0, of: 0))
    #expect(stage.screen[0].hasPrefix("100% "))
  }

  @Test func messagesStandAboveTheBarAndStay() {
    let stage = Stage()
    let reporter = stage.bar()
    reporter.message("before")
    reporter.update(status(10))
    let bar = stage.screen.last ?? ""
    reporter.message("short")
    reporter.message("a caption of\ntwo lines")
    #expect(stage.screen == ["before", "short", "a caption of", "two lines", bar])
    reporter.finish()
    #expect(stage.screen == ["before", "short", "a caption of", "two lines", ""])
    reporter.update(status(11))
    reporter.message("after")
    #expect(stage.screen == ["before", "short", "a caption of", "two lines", "after", ""])
  }

  @Test func messagesCannotSteerTheTerminal() {
    let stage = Stage()
    let reporter = stage.bar()
    reporter.message("a\u{1b}[2Jb\rc\td\u{9b}e\r\nf")
    #expect(stage.last == "a\u{fffd}[2Jb\u{fffd}c\td\u{fffd}e\u{fffd}\nf\n")
  }

  @Test func theBarIsNotDrawnMoreOftenThanAnEyeSees() {
    let stage = Stage()
    let reporter = stage.bar()
    for step in 1...1_000 {
      reporter.update(status(step))
      stage.advance(0.001)
    }
    #expect(stage.written.count == 10)
  }

  @Test func aPauseForValidationHardlyMovesTheTimeLeft() {
    let stage = Stage()
    let reporter = stage.lines(seconds: 0)
    var left: [String] = []
    // 1 s a step and 30 s of validation every 100 steps: 1.3 s a step over all.
    for step in 0...500 {
      reporter.update(status(step, of: 1_500))
      left.append(stage.last)
      stage.advance(step % 100 == 99 ? 31 : 1)
    }
    // 1,000 steps are left: 21m40s. Right before a validation it seems less, right after it more.
    for line in left[499...500] {
      #expect(line.contains("  20m") || line.contains("  21m") || line.contains("  22m"), "\(line)")
    }
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
