import MusicCaptioner

/// What is read from the command line before the argument parser: numbers below zero are values, and what is no option
/// gets an answer that helps.
struct ArgumentList {
  /// The command's options, from its help.
  private var options: Set<String> = [
    // The argument parser's own, which its help doesn't list.
    "--experimental-dump-help", "--generate-completion-script", "--help-hidden",
  ]
  private var optionsWithValue: Set<String> = []

  /// - Parameter help: As the argument parser prints it.
  init(help: String) {
    let line = /^ +(?:-h, )?(--[a-z][a-z-]*)( <)?/.anchorsMatchLineEndings()
    for match in help.matches(of: line) {
      options.insert(String(match.output.1))
      if match.output.2 != nil { optionsWithValue.insert(String(match.output.1)) }
    }
  }

  /// The arguments for the parser.
  ///
  /// - Throws: `ArgumentError` for an unknown option, and for one with an empty value.
  func checked(_ arguments: [String]) throws(ArgumentError) -> [String] {
    var result: [String] = []
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return result + arguments[index...] }
      let isOption = argument.utf8.first == UInt8(ascii: "-") && argument != "-"
      if let option = argument.isEmpty ? result.last : Self.optionWithoutValue(argument),
        optionsWithValue.contains(option)
      {
        throw ArgumentError(description: "\(option): found nothing; expected a value")
      } else if !isOption || argument == "-h" {
        result.append(argument)
      } else if Self.isNegativeNumber(argument), let last = result.last,
        optionsWithValue.contains(last)
      {
        // The parser would take it for an option.
        result[result.count - 1] = "\(last)=\(argument)"
      } else {
        try check(argument)
        result.append(argument)
      }
    }
    return result
  }

  /// The option in `--option=`.
  private static func optionWithoutValue(_ argument: String) -> String? {
    argument.utf8.last == UInt8(ascii: "=") ? String(argument.dropLast()) : nil
  }

  private static func isNegativeNumber(_ text: String) -> Bool {
    text.wholeMatch(of: /-(\.?[0-9].*|inf|infinity|nan)/.ignoresCase()) != nil
  }

  private func check(_ argument: String) throws(ArgumentError) {
    let name = String(argument.prefix { $0 != "=" })
    if options.contains(name) { return }
    let isLong = name.utf8.starts(with: "--".utf8)
    if !isLong, PathName.exists(argument) {
      throw ArgumentError(
        description:
          "\(argument): begins with a dash, as options do; to name the file, write ./\(argument)")
    }
    let bare = String(name.drop { $0 == "-" })
    let hint =
      OptionSynonyms.hint(for: bare, among: options)
      ?? (isLong ? nil : "options begin with two dashes; a file of this name is ./\(argument)")
    throw ArgumentError(description: "\(name): unknown option\(hint.map { "; \($0)" } ?? "")")
  }
}

/// An argument that is neither an option nor a value.
struct ArgumentError: Error, Equatable, CustomStringConvertible {
  let description: String
}
