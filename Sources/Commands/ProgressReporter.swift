import Foundation
import MusicCaptioner
import Synchronization

/// Tells how far a run is: a bar that is drawn anew in place on a terminal, else a line now and then.
/// Messages go above the bar. Any thread may report.
///
/// The cursor stays visible all the time, so that a killed process leaves a usable terminal.
final class ProgressReporter: Sendable {
  enum Style: Sendable {
    /// A bar in a terminal of so many columns, asked for at each drawing: windows change.
    case bar(width: @Sendable () -> Int)
    /// A line when so many seconds have passed since the one before, or so many steps.
    case lines(everySeconds: Double, everySteps: Int? = nil)
  }

  /// Where the run is.
  struct Status: Sendable, Equatable {
    /// Steps taken.
    var step: Int
    /// The run's last step.
    var stepCount: Int
    var epoch: Double
    var loss: Double?
    var learningRate: Double?
    /// Clips learned from in a second.
    var examplesPerSecond: Double?
  }

  private struct State {
    var status: Status?
    var pace = Pace()
    /// What is on the terminal's last line.
    var drawn: String?
    /// When the last bar or line was written, and of which step it told.
    var lastTime = -Double.infinity
    var lastStep: Int?
    var isFinished = false
  }

  private let style: Style
  private let clock: @Sendable () -> Double
  private let sink: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - clock: Seconds from any origin.
  ///   - sink: Takes what is to be written, ends of lines included.
  init(
    style: Style,
    clock: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime },
    sink: @escaping @Sendable (String) -> Void
  ) {
    self.style = style
    self.clock = clock
    self.sink = sink
  }

  /// Shows a status. Call it after every step: what comes too soon after the last is only counted.
  func update(_ status: Status) {
    let time = clock()
    state.withLock { state in
      if state.isFinished { return }
      state.status = status
      state.pace.add(step: status.step, of: status.stepCount, at: time)
      let isLast = status.step >= status.stepCount
      switch style {
      case .bar(let width):
        guard isLast || time - state.lastTime >= Self.drawInterval else { return }
        draw(bar(status, state.pace, width: width()), in: &state)
      case .lines(let everySeconds, let everySteps):
        let steps = state.lastStep.map { status.step - $0 }
        let isDue =
          time - state.lastTime >= everySeconds || steps.map { $0 >= everySteps ?? .max } ?? true
        guard isLast && steps != 0 || isDue else { return }
        let place = "step \(status.step)/\(status.stepCount)"
        sink(([place] + details(status, state.pace)).joined(separator: "  ") + "\n")
      }
      state.lastTime = time
      state.lastStep = status.step
    }
  }

  /// Writes a message of one or more lines, above the bar where there is one.
  func message(_ text: String) {
    state.withLock { state in
      guard case .bar = style else { return sink(text + "\n") }
      // Captions and names of files come from anywhere; they must not steer the terminal.
      let safe = String(
        String.UnicodeScalarView(
          text.unicodeScalars.map { scalar in
            let isControl = scalar.properties.generalCategory == .control
            return isControl && scalar != "\n" && scalar != "\t" ? "\u{fffd}" : scalar
          }))
      let bar = state.drawn
      sink((bar == nil ? "" : Self.eraseLine) + safe + "\n" + (bar ?? ""))
    }
  }

  /// Takes the bar away. Later updates show nothing; messages still do.
  func finish() {
    state.withLock { state in
      if state.drawn != nil { sink(Self.eraseLine) }
      state.drawn = nil
      state.isFinished = true
    }
  }

  // MARK: Drawing

  private static let drawInterval = 0.1
  private static let eraseLine = "\r\u{1b}[K"

  private func draw(_ line: String, in state: inout State) {
    // Over the old one, then the rest is erased: erasing first would flicker.
    sink("\r" + line + "\u{1b}[K")
    state.drawn = line
  }

  private func details(_ status: Status, _ pace: Pace) -> [String] {
    var parts = ["epoch \(String(format: "%.1f", status.epoch))"]
    if let loss = status.loss { parts.append("loss \(ProgressFormat.number(loss))") }
    if let rate = status.learningRate { parts.append("lr \(ProgressFormat.learningRate(rate))") }
    if let speed = status.examplesPerSecond {
      parts.append("\(ProgressFormat.number(speed)) clips/s")
    }
    if let left = timeLeft(status, pace) { parts.append(left) }
    return parts
  }

  private func timeLeft(_ status: Status, _ pace: Pace) -> String? {
    pace.secondsPerStep.map {
      "\(ProgressFormat.duration($0 * Double(max(0, status.stepCount - status.step)))) left"
    }
  }

  /// Percent, bar, step and details in at most `width - 1` columns: some terminals start a new line
  /// as soon as the last column is used. Details go, least needed first, before the bar does.
  private func bar(_ status: Status, _ pace: Pace, width: Int) -> String {
    let room = max(0, width - 1)
    let fraction =
      status.stepCount > 0 ? min(1, max(0, Double(status.step) / Double(status.stepCount))) : 1
    // Rounded down: 100 % is when the last step is taken.
    let percent = "\(Int(fraction * 100))%"
    let head = String(repeating: " ", count: max(0, 4 - percent.count)) + percent
    var parts = ["\(status.step)/\(status.stepCount)"] + details(status, pace)
    for mark in ["lr ", "epoch ", " clips/s", "loss ", "\(status.step)/", " left"] {
      if head.count + 2 + Self.shortestBar + 1 + joined(parts).count <= room { break }
      parts.removeAll { $0.hasPrefix(mark) || $0.hasSuffix(mark) }
    }
    let tail = joined(parts)
    let columns = min(Self.longestBar, room - head.count - 2 - tail.count)
    guard columns >= Self.shortestBar / 2 else { return String((head + tail).prefix(room)) }
    return head + " " + Self.blocks(fraction, columns: columns) + " " + tail.dropFirst()
  }

  private func joined(_ parts: [String]) -> String {
    parts.isEmpty ? "" : " " + parts.joined(separator: "  ")
  }

  private static let (shortestBar, longestBar) = (10, 40)

  /// A bar drawn in eighths of a column.
  private static func blocks(_ fraction: Double, columns: Int) -> String {
    let eighths = Int(fraction * Double(8 * columns))
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    let full = String(repeating: "█", count: eighths / 8)
    let rest = columns - eighths / 8 - (partial.isEmpty ? 0 : 1)
    return full + partial + String(repeating: "░", count: rest)
  }
}

/// How long a step takes, smoothed over a fifth of the run. Weighted by steps and not by time: a
/// pause for validation counts as what it costs on average, and doesn't make the estimate leap.
private struct Pace: Sendable {
  private var seconds = 0.0
  private var steps = 0.0
  private var last: (step: Int, time: Double)?

  var secondsPerStep: Double? { steps > 0 ? seconds / steps : nil }

  mutating func add(step: Int, of stepCount: Int, at time: Double) {
    defer { last = (step, time) }
    guard let last, step > last.step else { return }
    let horizon = max(50, Double(stepCount) / 5)
    let decay = exp(-Double(step - last.step) / horizon)
    seconds = seconds * decay + max(0, time - last.time)
    steps = steps * decay + Double(step - last.step)
  }
}

extension ProgressReporter {
  /// Reports to standard error: a bar on a terminal, else a line every ten seconds.
  static func standardError() -> ProgressReporter {
    let style: Style =
      Descriptor.standardError.isTerminal && ProcessInfo.processInfo.environment["TERM"] != "dumb"
      ? .bar(width: { Descriptor.standardError.terminalWidth ?? 80 }) : .lines(everySeconds: 10)
    return ProgressReporter(style: style) { text in
      // Progress that can't be shown is no reason to end a run.
      try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
  }
}
