/// Which music to synthesize: enough to make every clip of it again, bit for bit.
public struct SynthesizedMusicOptions: Options {
  /// The number of training clips. The clips after them are of the same kind, and not used in
  /// training.
  public var clipCount = 648
  public var seed: UInt64 = 0
  public var clipSeconds = 10.0
  /// The number of different captions of each clip, 1 to 6.
  public var captionsPerClip = 4

  public init() {}

  public init(clipCount: Int, seed: UInt64, clipSeconds: Double = 10) {
    self.clipCount = clipCount
    self.seed = seed
    self.clipSeconds = clipSeconds
  }

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    checks.check((1...1_000_000).contains(clipCount), .clipCount, clipCount, "1 to 1000000")
    // No range contains NaN.
    checks.check((0.1...600).contains(clipSeconds), .clipSeconds, clipSeconds, "0.1 to 600")
    let sentenceCount = SynthesizedCaption.sentenceCount
    checks.check(
      (1...sentenceCount).contains(captionsPerClip), .captionsPerClip, captionsPerClip,
      "1 to \(sentenceCount)")
    return checks.problems
  }
}

/// A clip of synthesized music with its true captions.
public struct SynthesizedClip: Sendable, Equatable {
  /// A name for the clip and its file, such as "organ-slow-low-drums-00017".
  public let name: String
  /// 16 kHz mono in (-1, 1): `clipSeconds` of it.
  public let samples: [Float]
  package let song: SynthesizedSong
  public let tags: [String]
  /// True sentences, all different, that name instrument, tempo and register, and the drums if
  /// there are any.
  public let captions: [String]
}

/// Makes music for learning to caption when there are no audio files: melodies of six instruments
/// at three tempos and in three registers, with or without drums.
///
/// A clip depends only on the seed and its index. Each block of 108 consecutive clips has every
/// combination of the four facts once, in an order of its own.
public struct MusicSynthesizer: Sendable {
  public static let sampleRateHertz = Int(synthesizedSampleRateHertz)

  public let options: SynthesizedMusicOptions

  /// - Throws: The first option that is out of range.
  public init(options: SynthesizedMusicOptions) throws(OptionError) {
    try options.validate()
    self.options = options
  }

  /// The facts of the clip at an index, without making the clip.
  package func facts(_ index: Int) -> SynthesizedFacts {
    precondition(index >= 0, "a clip's index is \(index), and has to be 0 or more")
    let all = SynthesizedFacts.all
    var random = RandomSource(
      seed: options.seed, stream: "synthesized facts", index: UInt64(index / all.count))
    return all.shuffled(using: &random)[index % all.count]
  }

  /// The clip at an index from 0; clips from `clipCount` on are not used in training.
  public func clip(_ index: Int) -> SynthesizedClip {
    let facts = facts(index)
    var random = RandomSource(
      seed: options.seed, stream: "synthesized clip", index: UInt64(index))
    let song = SynthesizedSong(
      facts: facts, seconds: Float(options.clipSeconds), random: &random)
    let captions = SynthesizedCaption.captions(
      for: facts, count: options.captionsPerClip, random: &random)
    let samples = render(song, random: &random)
    let place = String(index)
    let number = String(repeating: "0", count: max(0, 5 - place.count)) + place
    let name = [
      facts.instrument.rawValue, facts.tempo.rawValue, facts.register.rawValue,
      facts.hasDrums ? "drums" : "solo", number,
    ].joined(separator: "-")
    return SynthesizedClip(
      name: name, samples: samples, song: song, tags: facts.tags, captions: captions)
  }

  /// The song as samples, with a peak between 0.4 and 0.9 and a noise floor about 60 dB below it,
  /// so that the log of the features never sees digital silence.
  private func render(_ song: SynthesizedSong, random: inout RandomSource) -> [Float] {
    let count = Int((options.clipSeconds * Double(Self.sampleRateHertz)).rounded())
    var samples = [Float](repeating: 0, count: count)
    for note in song.notes {
      song.facts.instrument.play(note, into: &samples, random: &random)
    }
    for stroke in song.strokes { stroke.play(into: &samples, random: &random) }

    let peak = samples.reduce(Float(1e-3)) { max($0, abs($1)) }
    let scale = random.uniform(in: 0.4...0.9) / peak
    let floor: Float = 0.001
    // The clip may end in the middle of a note.
    let edge = SynthesizedEnvelope(
      attackSeconds: 0.005, heldSeconds: Float(count) / synthesizedSampleRateHertz - 0.005,
      releaseSeconds: 0.005)
    var noise = SynthesizedNoise(random: &random)
    for i in samples.indices {
      samples[i] = max(0, edge.gain(at: i)) * (scale * samples[i] + floor * noise.next())
    }
    return samples
  }
}
