import Foundation

/// Mono samples at one rate: the library's type for audio.
///
/// All samples are finite, and none exceeds ``AudioLimits/level``: the initializer repairs those
/// that don't comply and records that in ``warnings``.
public struct AudioClip: Sendable {
  /// Samples; full scale is ±1.
  public let samples: [Float]
  /// Samples per second.
  public let sampleRate: Int
  /// What was unusual about the source.
  public private(set) var warnings: [AudioWarning]

  /// - Parameters:
  ///   - samples: Mono samples; full scale is ±1.
  ///   - sampleRate: In hertz, within ``AudioLimits/sampleRates``.
  /// - Throws: `AudioError` for a sample rate out of range.
  public init(samples: [Float], sampleRate: Int) throws(AudioError) {
    guard AudioLimits.sampleRates.contains(sampleRate) else {
      throw AudioError(.sampleRate(sampleRate), file: "samples")
    }
    var levels = SampleSanitizer()
    var samples = samples
    samples.withUnsafeMutableBufferPointer { levels.repair($0) }
    self.init(raw: samples, sampleRate: sampleRate, levels: levels, warnings: [])
  }

  /// Takes samples that `levels` has already checked, before or after resampling.
  init(raw samples: [Float], sampleRate: Int, levels: SampleSanitizer, warnings: [AudioWarning]) {
    self.sampleRate = sampleRate
    self.warnings = warnings + levels.warnings
    if let factor = levels.factor {
      self.samples = samples.map { $0 * factor }
    } else {
      self.samples = samples
    }
  }

  /// Reads a file, or the part of it from `start` to `end`, at the given rate.
  ///
  /// - Parameters:
  ///   - url: A WAV, FLAC, Ogg Vorbis, Ogg Opus, AIFF or MP3 file, a NumPy array, or, if ffmpeg is
  ///     installed, a file in another format; the content decides, not the name. May be a pipe,
  ///     or `-`, standard input.
  ///   - start: Where the part begins, in seconds.
  ///   - end: Where it ends, in seconds; the end of the file if nil or later than that.
  ///   - sampleRate: In hertz; the file's own if nil.
  /// - Throws: `AudioError` if the file can't be used. If damage leaves something to hear, that is
  ///   a warning.
  public init(
    contentsOf url: URL, from start: Double = 0, to end: Double? = nil, sampleRate: Int? = 16_000
  ) throws(AudioError) {
    let file = try AudioFile(url, acceptsStreams: true)
    self = try file.clip(from: start, to: end, sampleRate: sampleRate)
  }

  /// Reads an audio file in memory, such as an upload or a column of a table.
  ///
  /// - Parameters:
  ///   - content: The bytes of a file in any format that ``init(contentsOf:from:to:sampleRate:)``
  ///     reads.
  ///   - name: The name used in errors.
  ///   - sampleRate: In hertz; the file's own if nil.
  /// - Throws: `AudioError` if the content can't be used. If damage leaves something to hear, that
  ///   is a warning.
  public init(
    _ content: Data, name: String = "audio", sampleRate: Int? = 16_000
  ) throws(AudioError) {
    self = try AudioFile(content, name: name).clip(sampleRate: sampleRate)
  }

  public var seconds: Double { Double(samples.count) / Double(sampleRate) }

  /// The same audio at another rate, converted by soxr's high-quality resampler.
  public func resampled(to rate: Int) throws(AudioError) -> AudioClip {
    if rate == sampleRate { return self }
    let samples = try resample(samples, from: sampleRate, to: rate)
    var clip = try AudioClip(samples: samples, sampleRate: rate)
    clip.warnings = warnings + clip.warnings
    return clip
  }
}

/// Checks a stream of samples: replaces non-finite values at once, and keeps track of the peak.
struct SampleSanitizer {
  private(set) var nonFiniteCount = 0
  private(set) var peak: Float = 0
  /// The same before it was clipped.
  private var foundPeak: Float = 0

  /// Larger values are clipped to this, so that no sum over them overflows.
  private static let ceiling: Float = 1e30

  mutating func repair(_ samples: UnsafeMutableBufferPointer<Float>) {
    // Nearly always nothing is wrong, and one pass without branches finds that out. Without the
    // sign bit, floats sort like integers, and NaN sorts above all numbers.
    var largest: UInt32 = 0
    for sample in samples { largest = max(largest, sample.bitPattern & 0x7fff_ffff) }
    if largest <= Self.ceiling.bitPattern {
      peak = max(peak, Float(bitPattern: largest))
      foundPeak = max(foundPeak, peak)
      return
    }
    for index in samples.indices {
      let value = samples[index]
      if value.isFinite {
        foundPeak = max(foundPeak, abs(value))
        samples[index] = min(max(value, -Self.ceiling), Self.ceiling)
        peak = max(peak, abs(samples[index]))
      } else {
        samples[index] = 0
        nonFiniteCount += 1
      }
    }
  }

  /// The factor to multiply all samples by; nil if they are fine.
  var factor: Float? { peak > AudioLimits.level ? 1 / peak : nil }

  var warnings: [AudioWarning] {
    var warnings: [AudioWarning] = []
    if nonFiniteCount > 0 { warnings.append(.nonFiniteSamples(count: nonFiniteCount)) }
    if peak > AudioLimits.level { warnings.append(.rescaled(peak: foundPeak)) }
    return warnings
  }
}
