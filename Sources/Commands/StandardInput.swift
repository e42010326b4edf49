import MusicCaptioner

/// Standard input as an argument, `-`.
enum StandardInput {
  /// - Throws: `UsageError` if it can't be what is named.
  static func check(_ paths: [String]) throws(UsageError) {
    let names = paths.filter { $0 == "-" || $0 == "/dev/stdin" }
    guard let name = names.first else { return }
    if names.count > 1 {
      throw UsageError(name, found: "standard input \(names.count) times", expected: "it once")
    }
    if Descriptor.standardInput.isTerminal {
      throw UsageError(
        name, found: "a terminal as standard input",
        expected: "audio from a file or a pipe: caption - < song.wav")
    }
  }
}
