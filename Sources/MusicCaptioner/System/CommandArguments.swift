import Glibc

/// The arguments that this process was started with.
package enum CommandArguments {
  /// All but the program's name, with the text of paths for what isn't UTF-8. Swift's own list has lost those bytes.
  package static var texts: [String] {
    let arguments = CommandLine.unsafeArgv
    return (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      arguments[index].map { argument in
        text(
          UnsafeBufferPointer(start: argument, count: strlen(argument)).map(UInt8.init(bitPattern:))
        )
      }
    }
  }

  /// An argument may be a file's name with a backslash, which a shell has completed, or an escape from one of our
  /// results: what exists decides.
  static func text(_ bytes: [UInt8]) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { return PathText.text(bytes) }
    return PathText.holdsEscape(bytes) && PathText.isLiteralName(text) ? PathText.text(bytes) : text
  }
}
