/// Finds words of a caption that speak against measured facts.
///
/// Only facts with a confidence of ``leastConfidence`` count, and only a few plain words, which mean the same in every caption.
struct FactCheck {
  let facts: MusicFacts

  /// Facts that are less certain contradict nothing.
  static let leastConfidence = 0.8

  /// Slow music is below this tempo and fast music above, in beats a minute.
  static let tempoBoundary = 100.0

  /// The first word that can't be true; nil if the facts allow all of them.
  func contradiction(in caption: String) -> (word: String, fact: String)? {
    for word in caption.split(whereSeparator: { !$0.isLetter }) {
      if let fact = fact(against: word.lowercased()) { return (String(word), fact) }
    }
    return nil
  }

  private func fact(against word: String) -> String? {
    switch word {
    case "slow", "slower", "slowly": tempo { $0 > Self.tempoBoundary }
    case "fast", "faster": tempo { $0 < Self.tempoBoundary }
    case "major": key("minor")
    case "minor": key("major")
    case "waltz", "waltzes", "waltzing":
      facts.meter.flatMap { meter in
        meter.beatsPerBar != 3 && meter.confidence >= Self.leastConfidence
          ? "\(meter.beatsPerBar) beats in a bar" : nil
      }
    default: nil
    }
  }

  private func tempo(_ isAgainst: (Double) -> Bool) -> String? {
    guard let tempo = facts.tempo, tempo.confidence >= Self.leastConfidence,
      isAgainst(tempo.beatsPerMinute)
    else { return nil }
    return "\(Int(tempo.beatsPerMinute.rounded())) beats a minute"
  }

  private func key(_ mode: String) -> String? {
    guard let key = facts.key, key.mode == mode, key.confidence >= Self.leastConfidence else {
      return nil
    }
    return "\(key.tonic) \(key.mode)"
  }
}
