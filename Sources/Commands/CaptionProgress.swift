import Foundation
import MusicCaptioner

/// Standard error of a command: messages of one line each, and below them, on a terminal and for
/// several files, a progress bar. In a log, a plain line now and then instead.
final class CaptionProgress {
  private let fileCount: Int
  private let isTerminal: Bool
  private let now: () -> Double
  private let write: (String) -> Void
  private let start: Double
  private var lastLine: Double
  private var doneCount = 0
  private var chunkCount = 0
  private var isShown = false

  /// Seconds between plain lines.
  private static let lineInterval = 30.0

  /// - Parameters:
  ///   - fileCount: All files that will be captioned.
  ///   - isTerminal: Whether a line can be written over.
  ///   - now: A clock, in seconds.
  ///   - write: Takes what is to be shown.
  init(
    fileCount: Int, isTerminal: Bool = Descriptor.standardError.isTerminal,
    now: @escaping () -> Double = { ProcessInfo.processInfo.systemUptime },
    write: @escaping (String) -> Void = CaptionProgress.standardError
  ) {
    self.fileCount = fileCount
    self.isTerminal = isTerminal
    self.now = now
    self.write = write
    start = now()
    lastLine = start
  }

  static func standardError(_ text: String) {
    // Nobody is left to be told where standard error can't be written to.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Says something in a line of its own.
  func say(_ message: String) {
    hide()
    write(message + "\n")
  }

  func chunkDone() {
    chunkCount += 1
    tell()
  }

  func fileDone() {
    doneCount += 1
    tell()
  }

  /// Takes the bar away, so that something else can be written.
  func hide() {
    if isShown { write("\r\u{1B}[K") }
    isShown = false
  }

  /// Shows the bar, or, now and then, a plain line.
  func tell() {
    guard fileCount > 1 else { return }
    if isTerminal {
      write("\r" + bar + state + "\u{1B}[K")
      isShown = true
    } else if now() - lastLine >= Self.lineInterval {
      lastLine = now()
      write(state + "\n")
    }
  }

  private var fraction: Double { Double(doneCount) / Double(fileCount) }

  private var bar: String {
    let width = 24
    let filled = Int(fraction * Double(width))
    return "[" + String(repeating: "#", count: filled)
      + String(repeating: " ", count: width - filled) + "] "
  }

  private var state: String {
    let elapsed = now() - start
    var text = "\(Int(fraction * 100))%  \(doneCount)/\(fileCount) files"
    if chunkCount > 0 && elapsed > 0 {
      text += "  " + String(format: "%.1f", Double(chunkCount) / elapsed) + " chunks/s"
    }
    if doneCount > 0 && doneCount < fileCount {
      let left = elapsed / Double(doneCount) * Double(fileCount - doneCount)
      text += "  \(duration(left)) left"
    }
    return text
  }

  private func duration(_ seconds: Double) -> String {
    let seconds = Int(min(seconds, 1e9).rounded(.up))
    return String(format: "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
  }
}
