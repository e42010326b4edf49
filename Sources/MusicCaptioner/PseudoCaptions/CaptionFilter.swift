/// Why a caption is not worth keeping. A rejected caption stays in the output, under `rejected`,
/// and is counted.
package enum CaptionFilter: String, CaseIterable, Codable, Sendable {
  /// The answer repeats the instruction.
  case promptEcho = "prompt-echo"
  /// It contains the name of the artist, the album or the song.
  case names
  /// The model refuses, or talks about itself.
  case refusals
  /// It isn't English.
  case language
  /// The same sentence was already made for another track or instruction.
  case duplicates
  /// It mentions too few of the tags.
  case coverage
  /// It has too few or too many words, or was cut off.
  case length
}

/// The active filters, and their thresholds.
package struct CaptionFilterOptions: Options {
  package var filters: Set<CaptionFilter> = []
  /// The allowed number of words in a caption, for `length`.
  package var words = 4...80
  /// The fraction of the tags that a caption must mention, for `coverage`.
  package var minimumCoverage = 0.5

  package init() {}

  /// - Parameter words: Names separated by commas, or `all` or `none`.
  /// - Throws: `OptionError` for an unknown name.
  package static func filters(named words: String) throws(OptionError) -> Set<CaptionFilter> {
    var chosen: Set<CaptionFilter> = []
    for word in words.split(separator: ",").map({ $0.trimmingASCIIWhitespace() })
    where word != "none" {
      if word == "all" {
        chosen.formUnion(CaptionFilter.allCases)
      } else if let filter = CaptionFilter(rawValue: word) {
        chosen.insert(filter)
      } else {
        let names = CaptionFilter.allCases.map(\.rawValue).joined(separator: ", ")
        throw OptionError("filter.filters", found: "\"\(word)\"", expected: names + ", all or none")
      }
    }
    return chosen
  }

  package var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    checks.check(words.lowerBound >= 0, .words, words, "numbers of words, 0 or more")
    checks.check((0...1).contains(minimumCoverage), .minimumCoverage, minimumCoverage, "0 to 1")
    return checks.problems
  }

  /// - Parameters:
  ///   - caption: The sentence.
  ///   - prompt: The instruction, without the tags.
  ///   - isCut: Whether the model was stopped before it finished.
  /// - Returns: The first filter that rejects it, except for duplicates; nil if it passes.
  func objection(to caption: String, row: TagRow, prompt: String, isCut: Bool) -> CaptionFilter? {
    let words = FoldedWords(caption)
    let checks: [(CaptionFilter, () -> Bool)] = [
      (.promptEcho, { words.repeats(FoldedWords(prompt), run: 7) }),
      (.refusals, { words.isRefusal }),
      (.names, { Self.names(of: row).contains { words.names($0) } }),
      (.language, { !words.isEnglish }),
      (.length, { isCut || !self.words.contains(words.count) }),
      (.coverage, { words.coverage(of: row.tags) < minimumCoverage }),
    ]
    return checks.first { filters.contains($0.0) && $0.1() }?.0
  }

  /// The names that a caption shouldn't contain, except for those that are tags.
  private static func names(of row: TagRow) -> [String] {
    let tags = Set(row.tags.map { $0.lowercased() })
    return ["artist_name", "artist", "release", "album", "title"].compactMap { column in
      guard case .text(let name)? = row.fields[column], name.count >= 3,
        !tags.contains(name.lowercased())
      else { return nil }
      return name
    }
  }
}
