import Foundation

/// What ffmpeg says on its standard error at the level `info`, with the level in every line.
struct FFmpegMessages {
  private let lines: [String]
  /// Without those at the level `info`: they contain what the file's own tags say.
  private let problems: [String]

  init(_ bytes: [UInt8]) {
    // A tag may have other breaks of lines in it.
    lines = String(decoding: bytes, as: UTF8.self).split { $0 == "\n" || $0 == "\r\n" }
      .map(String.init)
    problems = lines.filter { line in
      // The further lines of a tag are indented, without a level.
      Self.level(line).map { $0 != "info" } ?? !line.hasPrefix(" ")
    }
  }

  /// The level of "[aac @ 0x55d5] [error] …" or "[error] …"; nil for what ffmpeg itself didn't write.
  private static func level(_ line: String) -> Substring? {
    var rest = line[...]
    for _ in 0..<2 {
      guard rest.first == "[", let end = rest.firstIndex(of: "]") else { return nil }
      let word = rest[..<end].dropFirst()
      if levels.contains(word) { return word }
      rest = rest[end...].dropFirst(2)
    }
    return nil
  }

  private static let levels: Set<Substring> = [
    "panic", "fatal", "error", "warning", "info", "verbose", "debug",
  ]

  /// The duration that the container declares, in seconds: a hint, which may be that of a video.
  var seconds: Double? {
    for line in lines {
      if line.contains("Estimating duration from bitrate") { return nil }
      let mark = "[info]   Duration: "
      guard line.hasPrefix(mark) else { continue }
      let parts = line.dropFirst(mark.count).prefix { $0 != "," }.split(separator: ":")
      let numbers = parts.compactMap { Double($0) }
      guard parts.count == 3, numbers.count == 3 else { return nil }
      let seconds = numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
      return seconds > 0 && seconds < 1e9 ? seconds : nil
    }
    return nil
  }

  /// Whether packets were damaged or missing.
  var tellOfDamage: Bool {
    problems.contains { Self.isError($0) || $0.localizedCaseInsensitiveContains("corrupt") }
  }

  private static func isError(_ line: String) -> Bool {
    if let level = level(line) { return ["error", "fatal", "panic"].contains(level) }
    // The rest of a line whose beginning wasn't kept.
    return ["[error]", "[fatal]", "[panic]"].contains { line.contains($0) }
  }

  /// Why there is no sound at all, in our words where the cause is a usual one.
  var problem: String {
    let errors = problems.filter(Self.isError)
    for (words, problem) in Self.usualProblems where errors.contains(where: { $0.contains(words) })
    {
      return problem
    }
    if problems.contains(where: { $0.contains("error while loading shared libraries") }) {
      return "ffmpeg lacks shared libraries that it needs; install it again"
    }
    // Its other words tell of its inside, not of the file.
    return problems.isEmpty
      ? "ffmpeg exited without a message" : "ffmpeg can't read it; is it damaged?"
  }

  private static let usualProblems = [
    ("moov atom not found", "its index (the moov atom) is missing; is the file incomplete?"),
    ("matches no streams", "it has no sound"), ("does not contain any stream", "it has no sound"),
    ("Unknown input format", "this version of ffmpeg doesn't read the format"),
    ("Unsupported codec", "it is encrypted, or this version of ffmpeg lacks the codec"),
    ("not found for input stream", "it is encrypted, or this version of ffmpeg lacks the codec"),
    ("no decoder found for", "it is encrypted, or this version of ffmpeg lacks the codec"),
    ("ctivation_bytes", "it is encrypted"),
    ("could not find codec parameters", "it ends before its sound begins, or is damaged"),
    ("Cannot allocate memory", "ffmpeg has too little memory"),
    ("Too many open files", "ffmpeg may open too few files"),
    ("Invalid data found", "the content is damaged"), ("End of file", "the file is incomplete"),
  ]
}
