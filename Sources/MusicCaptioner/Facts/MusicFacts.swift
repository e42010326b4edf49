import Foundation

/// Facts about a piece of music that signal processing measures, without any model of language.
///
/// Tempo, key and meter have a confidence: the estimated probability that they are right. Of those
/// with 0.8 or more, more than nine of ten were right in rendered music that they weren't learned
/// from (`Docs/RESULTS.md`); in recordings that hasn't been measured. What can't be told is nil.
public struct MusicFacts: Codable, Sendable, Equatable {
  /// In seconds.
  public var duration: Double
  /// nil in less than two seconds, and where nothing repeats, as in noise.
  public var tempo: Tempo?
  /// nil if there are too few notes, or none is the center.
  public var key: Key?
  /// nil wherever the tempo is.
  public var meter: Meter?
  /// Integrated loudness in LUFS (ITU-R BS.1770-4), of all channels of the file; nil in silence and in
  /// less than 0.4 seconds.
  ///
  /// A mono file counts as one channel: the same sound in two channels is 3 LU louder.
  public var loudness: Double?
  public var silence: Silence
  public var clipping: Clipping
  public var channels: Channels

  /// How fast the beat is.
  public struct Tempo: Codable, Sendable, Equatable {
    /// From 40 to 240. The mean of the whole piece.
    public var beatsPerMinute: Double
    /// From 0 to 1. Most of the rest is the chance that listeners would count twice or half as fast.
    public var confidence: Double

    enum CodingKeys: String, CodingKey {
      case beatsPerMinute = "beats_per_minute"
      case confidence
    }
  }

  /// The tonal center.
  public struct Key: Codable, Sendable, Equatable {
    /// Such as `C`, `F#` or `Bb`, as musicians spell it in this key.
    public var tonic: String
    /// `major` or `minor`.
    public var mode: String
    /// From 0 to 1.
    public var confidence: Double
  }

  /// How beats group into bars.
  public struct Meter: Codable, Sendable, Equatable {
    /// 3 or 4; two beats count as four.
    public var beatsPerBar: Int
    /// From 0 to 1.
    public var confidence: Double

    enum CodingKeys: String, CodingKey {
      case beatsPerBar = "beats_per_bar"
      case confidence
    }
  }

  /// How long there is no sound: hundredths of a second whose root mean square over all channels is
  /// below −60 dB of full scale.
  public struct Silence: Codable, Sendable, Equatable {
    /// In seconds, before the first sound. The whole duration if there is no sound.
    public var start: Double
    /// In seconds, after the last sound. The whole duration if there is no sound.
    public var end: Double
  }

  /// Where the waveform is cut off at full scale: three or more samples in a row of one channel, on
  /// the same side, none below 0.9999.
  public struct Clipping: Codable, Sendable, Equatable {
    /// How often that happens.
    public var runs: Int
    /// How many samples are part of it, in all channels together.
    public var samples: Int
    /// The same, as a share of all samples: from 0 to 1.
    public var share: Double
  }

  /// How many different channels there are.
  public enum Channels: String, Codable, Sendable {
    /// One, or several that are the same to within −60 dB.
    case mono
    /// Two or more that differ.
    case stereo
  }

  /// Measures mono samples.
  ///
  /// - Parameters:
  ///   - samples: Full scale is ±1. What ``AudioClip`` would repair is repaired.
  ///   - sampleRate: In hertz.
  /// - Throws: `AudioError` for a sample rate out of range.
  public init(samples: [Float], sampleRate: Int) throws(AudioError) {
    let clip = try AudioClip(samples: samples, sampleRate: sampleRate)
    let analyzer = try MusicFactsAnalyzer(
      sampleRate: sampleRate, channelCount: 1, monoRate: sampleRate)
    let blockSize = 1 << 14
    for first in stride(from: 0, to: clip.samples.count, by: blockSize) {
      let block = clip.samples[first..<min(first + blockSize, clip.samples.count)]
      analyzer.append(interleaved: block)
      try analyzer.append(mono: block)
    }
    self = try analyzer.finish()
  }

  /// Measures a file of any length, which is read once, block by block.
  ///
  /// - Parameter url: Whatever ``AudioClip`` reads.
  /// - Throws: `AudioError` if the file can't be used. If damage leaves something to hear, that is
  ///   measured.
  public init(contentsOf url: URL) throws(AudioError) {
    let file = try AudioFile(url, acceptsStreams: true)
    self = try file.inFile { () throws(AudioError) in try Self(file) }
  }

  private init(_ file: AudioFile) throws(AudioError) {
    let analyzer = try MusicFactsAnalyzer(
      sampleRate: file.sampleRate, channelCount: file.channelCount, monoRate: file.sampleRate)
    var levels = SampleSanitizer()
    // A bound only so that nothing overflows.
    let frameCount = try file.decode(
      0..<1 << 48, levels: &levels, tap: { analyzer.append(interleaved: $0) }
    ) { (block) throws(AudioError) in
      try analyzer.append(mono: Array(block)[...])
    }
    guard frameCount > 0 else { throw file.noSamples }
    self = try analyzer.finish()
  }

  init(
    duration: Double, tempo: Tempo?, key: Key?, meter: Meter?, loudness: Double?, silence: Silence,
    clipping: Clipping, channels: Channels
  ) {
    self.duration = duration
    self.tempo = tempo
    self.key = key
    self.meter = meter
    self.loudness = loudness
    self.silence = silence
    self.clipping = clipping
    self.channels = channels
  }
}
