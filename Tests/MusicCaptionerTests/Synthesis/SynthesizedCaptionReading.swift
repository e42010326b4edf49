@testable import MusicCaptioner

/// The facts that a caption states about a synthesized clip; a fact that it doesn't mention, or
/// mentions with two different values, is nil.
struct SynthesizedCaptionReading: Equatable, Sendable {
  let instrument: SynthesizedInstrument?
  let tempo: SynthesizedTempo?
  let register: SynthesizedRegister?
  let hasDrums: Bool

  /// Parses a caption made by this grammar, or by a model trained on it.
  init(_ caption: String) {
    let heard = Set(caption.lowercased().split { !$0.isLetter && $0 != "-" }.map(String.init))
    instrument = Self.onlyValue(in: heard, words: \.words)
    tempo = Self.onlyValue(in: heard, words: \.words)
    register = Self.onlyValue(in: heard, words: \.words)
    hasDrums = heard.contains("drum") || heard.contains("drums")
  }

  /// Whether the caption states all of the facts.
  func agrees(with facts: SynthesizedFacts) -> Bool {
    instrument == facts.instrument && tempo == facts.tempo && register == facts.register
      && hasDrums == facts.hasDrums
  }

  /// The only value for which `heard` contains any word.
  private static func onlyValue<Value: CaseIterable>(
    in heard: Set<String>, words: (Value) -> [String]
  ) -> Value? {
    let values = Value.allCases.filter { value in
      words(value).contains { phrase in
        phrase.split(separator: " ").contains { heard.contains(String($0)) }
      }
    }
    return values.count == 1 ? values.first : nil
  }
}
