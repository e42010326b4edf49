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
    let width = { @Sendable in descriptor.terminalWidth ?? 80 }
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

  /// The text in one line, without anything that steers a terminal.
  static func oneLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
  }
}
