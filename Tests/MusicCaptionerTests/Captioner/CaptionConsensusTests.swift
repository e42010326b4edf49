import Testing

@testable import MusicCaptioner

@Suite struct CaptionConsensusTests {
  private func choice(_ captions: [(String, seconds: Double, score: Float)]) -> String? {
    let candidates = captions.map {
      CaptionConsensus.Candidate(text: $0.0, seconds: $0.seconds, score: $0.score)
    }
    return CaptionConsensus.choose(among: candidates).map { candidates[$0].text }
  }

  @Test func theSentenceClosestToTheOthersIsChosen() {
    let found = choice([
      ("A loud drum solo.", 10, -0.1), ("A slow piano melody.", 10, -0.5),
      ("A slow piano melody with strings.", 10, -0.4), ("Slow piano with strings.", 10, -0.9),
    ])
    #expect(found == "A slow piano melody with strings.")
  }

  @Test func timeCountsNotTheNumberOfChunks() {
    let found = choice([
      ("A slow piano.", 1, -0.1), ("A slow piano.", 1, -0.1), ("Fast drums play.", 10, -0.5),
      ("Fast drums play loudly.", 10, -0.6),
    ])
    #expect(found?.hasPrefix("Fast drums") == true)
  }

  @Test func amongEqualsTheMoreLikelyAndThenTheFirstIsChosen() {
    #expect(choice([("A harp.", 10, -0.5), ("A harp!", 10, -0.2)]) == "A harp!")
    #expect(choice([("A harp.", 10, -0.5), ("A harp!", 10, -0.5)]) == "A harp.")
  }

  @Test func oneOrNoneOrEmptyOnes() {
    #expect(choice([]) == nil)
    #expect(choice([("Only this.", 10, -2)]) == "Only this.")
    #expect(choice([("", 10, -2), ("", 10, -1)]) == "")
    #expect(choice([("", 10, -2), ("A harp.", 10, -1), ("A harp plays.", 10, -1)]) == "A harp.")
  }

  /// The definition, term by term: the mean cosine to all others, weighted by their time.
  @Test func similaritiesAreThoseOfTheDefinition() {
    let seed = UInt64.random(in: 0...9999)
    var random = RandomSource(seed: seed, stream: "consensus")
    func below(_ bound: Int) -> Int { min(bound - 1, Int(random.uniform() * Float(bound))) }
    let words = ["slow", "fast", "piano", "harp", "drums", "calm"]
    for _ in 0..<50 {
      let captions = (0..<2 + below(6)).map { _ in
        (
          (0..<1 + below(6)).map { _ in words[below(6)] }.joined(separator: " "),
          seconds: Double(1 + below(9)), score: -Float(below(1000)) / 1000
        )
      }
      let chosen = choice(captions)
      let means = captions.indices.map { one -> Double in
        let others = captions.indices.filter { $0 != one }
        let sum = others.reduce(0) {
          $0 + captions[$1].seconds * cosine(captions[one].0, captions[$1].0)
        }
        return sum / others.reduce(0) { $0 + captions[$1].seconds }
      }
      let best = means.max() ?? 0
      let ties = captions.indices.filter { means[$0] > best - 1e-6 }.map { captions[$0].0 }
      #expect(ties.contains(chosen ?? ""), "seed \(seed): \(captions)")
    }
  }

  private func cosine(_ a: String, _ b: String) -> Double {
    func counts(_ text: String) -> [String: Double] {
      let words = text.split(separator: " ").map(String.init)
      let pairs = zip(words, words.dropFirst()).map { "\($0) \($1)" }
      return (words + pairs).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    let (a, b) = (counts(a), counts(b))
    let product = a.reduce(0) { $0 + $1.value * (b[$1.key] ?? 0) }
    func length(_ counts: [String: Double]) -> Double {
      counts.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    return product / (length(a) * length(b))
  }
}
