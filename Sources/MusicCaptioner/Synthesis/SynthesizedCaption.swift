/// A small grammar of captions: sentences with slots for a song's facts, and the words that fill
/// them. Each word stands for one value only, so a caption can be parsed and compared with the
/// truth.
enum SynthesizedCaption {
  /// A sentence's words, in the forms that its slots need.
  private struct Words {
    let instrument: String
    /// "slow", before a noun.
    let tempo: String
    /// "low", before a noun or "register".
    let register: String
    /// How the sentence mentions drums or their absence; "" mentions neither, which means no drums.
    let ending: String
  }

  private static let sentences: [@Sendable (Words) -> String] = [
    {
      "\(article($0.tempo)) melody for \(article($0.instrument)) in a \($0.register) register"
        + "\($0.ending)."
    },
    { "\(article($0.register)) \($0.instrument) plays \(article($0.tempo)) tune\($0.ending)." },
    {
      "This is \(article($0.tempo)) piece for \(article($0.register)) \($0.instrument)"
        + "\($0.ending)."
    },
    {
      "You hear \(article($0.register)) \($0.instrument) at \(article($0.tempo)) tempo"
        + "\($0.ending)."
    },
    {
      "The tempo is \($0.tempo), and \(article($0.instrument)) plays in a \($0.register) register"
        + "\($0.ending)."
    },
    {
      "The clip has \(article($0.instrument)) with \(article($0.register)) melody "
        + "at \(article($0.tempo)) pace\($0.ending)."
    },
  ]

  static let sentenceCount = sentences.count

  private static let endingsWithDrums = [
    " with drums", " over a drum beat", ", backed by drums", " together with a drum kit",
  ]
  private static let endingsWithoutDrums = ["", "", " on its own", ", unaccompanied"]

  /// Different captions that are true for the facts.
  ///
  /// - Parameter count: At most the number of sentences.
  static func captions(
    for facts: SynthesizedFacts, count: Int, random: inout RandomSource
  ) -> [String] {
    sentences.shuffled(using: &random).prefix(count).map { sentence in
      capitalized(
        sentence(
          Words(
            instrument: pick(facts.instrument.words, &random),
            tempo: pick(facts.tempo.words, &random),
            register: pick(facts.register.words, &random),
            ending: pick(
              facts.hasDrums ? endingsWithDrums : endingsWithoutDrums, &random))))
    }
  }

  private static func pick(_ choices: [String], _ random: inout RandomSource) -> String {
    choices[random.integer(below: choices.count)]
  }

  /// The words preceded by "a" or "an".
  private static func article(_ words: String) -> String {
    let takesAn = words.first.map { "aeiou".contains($0) } ?? false
    return (takesAn ? "an " : "a ") + words
  }

  private static func capitalized(_ sentence: String) -> String {
    sentence.prefix(1).uppercased() + sentence.dropFirst()
  }
}

extension SynthesizedInstrument {
  /// The names used in captions; no word is used for two instruments.
  var words: [String] {
    switch self {
    case .organ: ["organ", "pipe organ"]
    case .guitar: ["guitar", "plucked guitar"]
    case .flute: ["flute", "breathy flute"]
    case .bell: ["bell", "ringing bell"]
    case .trumpet: ["trumpet", "brassy trumpet"]
    case .strings: ["string section", "string ensemble"]
    }
  }
}

extension SynthesizedTempo {
  var words: [String] {
    switch self {
    case .slow: ["slow", "unhurried"]
    case .medium: ["medium", "moderate"]
    case .fast: ["fast", "quick"]
    }
  }
}

extension SynthesizedRegister {
  var words: [String] {
    switch self {
    case .low: ["low", "deep"]
    case .mid: ["mid-range", "mid-pitched"]
    case .high: ["high", "high-pitched"]
    }
  }
}
