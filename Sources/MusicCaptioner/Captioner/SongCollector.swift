/// A song's chunks until all are there.
struct SongCollector {
  /// A chunk with every caption that the search found.
  struct Chunk {
    /// The best, with all others as its alternatives.
    let caption: Caption
    /// The probability of each tag; empty for a model that scores none.
    let tagScores: [Float]
  }

  private(set) var chunks: [Chunk] = []

  mutating func add(_ chunk: Chunk) { chunks.append(chunk) }

  /// - Parameters:
  ///   - tagNames: In the order of the chunks' scores.
  ///   - best: The captions to keep of each chunk.
  ///   - isConsistent: Whether captions that speak against a fact give way to the next ones.
  /// - Returns: The song, and what of its caption speaks against the facts after all.
  func song(
    _ audio: String, _ facts: MusicFacts, tagNames: [String], best: Int, isConsistent: Bool
  ) -> (song: SongDescription, contradiction: (word: String, fact: String)?) {
    let check = isConsistent ? FactCheck(facts: facts) : nil
    let captions = chunks.map { Self.caption($0.caption, best: best, check) }
    // A chunk for which nothing true was found doesn't speak for the song.
    let truthful = captions.filter { check?.contradiction(in: $0.text) == nil }
    let candidates = truthful.isEmpty ? captions : truthful
    let choice = CaptionConsensus.choose(
      among: candidates.map {
        .init(text: $0.text, seconds: $0.end - $0.start, score: $0.score)
      })
    let caption = choice.map { candidates[$0].text } ?? ""
    let song = SongDescription(
      audio: audio, duration: facts.duration, caption: caption, tags: tags(tagNames), facts: facts,
      chunks: captions)
    return (song, check?.contradiction(in: caption))
  }

  /// The captions of a chunk that the facts allow, in the order of their scores; all if they allow none.
  private static func caption(_ found: Caption, best: Int, _ check: FactCheck?) -> Caption {
    let all =
      [Caption.Alternative(text: found.text, score: found.score, tokens: found.tokens)]
      + found.alternatives
    let allowed = all.filter { check?.contradiction(in: $0.text) == nil }
    let kept = (allowed.isEmpty ? all : allowed).prefix(best)
    return Caption(
      audio: found.audio, start: found.start, end: found.end, text: kept[0].text,
      score: kept[0].score, tokens: kept[0].tokens, alternatives: Array(kept.dropFirst()))
  }

  private func tags(_ names: [String]) -> [SongDescription.Tag] {
    let seconds = chunks.reduce(0) { $0 + ($1.caption.end - $1.caption.start) }
    guard seconds > 0 else { return [] }
    let tags = names.indices.compactMap { place -> SongDescription.Tag? in
      let sum = chunks.reduce(0.0) { sum, chunk in
        guard place < chunk.tagScores.count else { return sum }
        return sum + Double(chunk.tagScores[place]) * (chunk.caption.end - chunk.caption.start)
      }
      let score = Float(sum / seconds)
      guard score >= SongDescription.leastTagScore else { return nil }
      return SongDescription.Tag(tag: names[place], score: score)
    }
    return tags.sorted { $0.score != $1.score ? $0.score > $1.score : $0.tag < $1.tag }
  }
}
