import Foundation
import MusicCaptioner

/// What a command shows its messages on.
struct Terminal: Sendable {
  /// The window's columns, asked for at each drawing: windows change. Nil where lines can't be drawn
  /// over: in a file, a pipe, or a terminal that calls itself dumb.
  let width: (@Sendable () -> Int)?
  let write: @Sendable (String) -> Void

  static let standardError: Terminal = {
    let (descriptor, environment) = (Descriptor.standardError, ProcessInfo.processInfo.environment)
    let columns = environment["COLUMNS"].flatMap { Int($0) }
    let width = { @Sendable in descriptor.terminalWidth ?? columns ?? 80 }
    return Terminal(
      width: canDrawOver(descriptor.isTerminal, environment) ? width : nil,
      // A message that can't be shown is no reason to end a job, and nobody could read of it.
      write: { try? descriptor.write(Array($0.utf8)) })
  }()

  static func canDrawOver(_ isTerminal: Bool, _ environment: [String: String]) -> Bool {
    isTerminal && environment["TERM"] != "dumb"
  }

  /// Goes to the beginning of the line and erases it.
  static let eraseLine = "\r\u{1b}[K"

  /// A message of a length that is read: long names, and long lines, lose their middle.
  static func shortened(_ message: String) -> String {
    let words = message.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false)
    let line = words.map { withoutMiddle(String($0), limit: 160) }.joined(separator: " ")
    return withoutMiddle(line, limit: 600)
  }

  /// At most `limit` characters of the text: as many from its beginning as from its end.
  private static func withoutMiddle(_ text: String, limit: Int) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > limit else { return text }
    let half = (limit - 1) / 2
    return String(scalars.prefix(half)) + "…" + String(scalars.suffix(half))
  }
}
