import Foundation

/// Why audio can't be read, converted or written.
public struct AudioError: Error, Equatable, Sendable {
  /// What is wrong, with the values that were found.
  package enum Reason: Equatable, Sendable {
    /// The file can't be read or written.
    case file(FileError)
    /// A file of 0 bytes.
    case empty
    /// The content is not in a known audio format; how it begins.
    case notAudio(found: String)
    /// A known container with an unusable header.
    case badHeader(format: String, found: String)
    /// A known container with an unsupported encoding.
    case unsupportedEncoding(format: String, found: String)
    /// A known format that the program ffmpeg, which isn't installed, would decode.
    case needsFFmpeg(format: String)
    /// The program that decodes the format gave no sound; why.
    case notDecoded(format: String, String)
    /// The system can't start a program that is installed.
    case notStarted(program: String, String)
    /// The header is intact, but there are no samples.
    case noSamples(String)
    /// The requested part begins after the end of the audio, or is empty.
    case rangeOutside(from: Double, to: Double?, duration: Double?)
    /// The sample rate is outside ``AudioLimits/sampleRates``.
    case sampleRate(Int)
    /// More audio than may be held in memory at once.
    case tooLong(seconds: Double, limit: Double)
    /// A library failed in a way that no input should cause.
    case library(String)
    /// More than a file of this format can contain.
    case tooLarge(String)
  }

  /// The file, as the user named it; empty if no file is involved.
  public let file: String
  package let reason: Reason

  package init(_ reason: Reason, file: String) {
    self.file = file
    self.reason = reason
  }

  init(_ error: FileError) {
    self.init(.file(error.expecting("an audio file")), file: error.file)
  }
}

extension AudioError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  /// One line: the file, what was found, what was expected.
  public var description: String {
    (file.isEmpty ? problem : "\(file): \(problem)").printable(keepsLines: false)
  }

  private var problem: String {
    switch reason {
    case .file(let error):
      error.problem
    case .empty:
      "\(file == "-" ? "standard input" : "the file") is empty; expected \(AudioLimits.formatList)"
    case .notAudio(let found):
      "not an audio file: it begins with \(found); expected \(AudioLimits.formatList)"
    case .badHeader(let format, let found):
      "not a valid \(format) file: \(found)"
    case .unsupportedEncoding(let format, let found):
      "the \(format) encoding \(found) is not supported; expected PCM, float or a codec of "
        + AudioLimits.formatList
    case .needsFFmpeg(let format):
      "\(format) is read with ffmpeg, which isn't installed; install the package ffmpeg"
    case .notDecoded(let format, let why):
      "can't be decoded as \(format): \(why)"
    case .notStarted(let program, let problem):
      "\(program) can't be started: \(problem); raise the limits of processes and open files, "
        + "for example with ulimit -u 4096 and ulimit -n 4096"
    case .noSamples(let why):
      "the file has no audio samples: \(why)"
    case .rangeOutside(let from, let to, let duration):
      "no audio from \(seconds(from)) to \(to.map(seconds) ?? "the end")"
        + (duration.map { "; the file ends at \(seconds($0))" } ?? "; the end must follow the start")
    case .sampleRate(let rate):
      "a sample rate of \(rate) Hz is not valid; expected \(AudioLimits.sampleRates.lowerBound) "
        + "to \(AudioLimits.sampleRates.upperBound) Hz"
    case .tooLong(let found, let limit):
      "\(seconds(found)) or more at once; expected at most \(seconds(limit)): read it in parts"
    case .library(let what):
      "an audio library failed: \(what)"
    case .tooLarge(let limit):
      "too large; expected \(limit)"
    }
  }

  private func seconds(_ value: Double) -> String {
    let text = "\((value * 1000).rounded() / 1000)"
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " s"
  }
}

/// Limits of the audio that is accepted.
package enum AudioLimits {
  /// Sample rates in hertz: from telephone recorders to the highest studio rate. Rates outside are
  /// always damage, and would need absurd amounts of memory for resampling.
  package static let sampleRates = 1_000...768_000
  /// The longest part that is read into memory at once. Longer files are read chunk by chunk.
  package static let secondsAtOnce = 4 * 3600.0
  /// The largest absolute sample value that is kept as is. Float files and decoded MP3 can exceed
  /// 1.0 (0 dB full scale) harmlessly; above 16 (+24 dB) the file must use another scale.
  package static let level: Float = 16

  /// The most bytes that are taken in from a pipe, which is kept in memory.
  static let streamBytes = 1 << 30

  static let formatList = "WAV, FLAC, Ogg Vorbis, Ogg Opus, AIFF or MP3"
}

/// What was unusual about audio that could still be used.
public enum AudioWarning: Hashable, Sendable {
  /// This many samples were NaN or infinite and are now 0.
  case nonFiniteSamples(count: Int)
  /// The largest absolute sample was absurd; all samples were divided by it.
  case rescaled(peak: Float)
  /// The file ends before the length in its header.
  case cutShort(foundSeconds: Double, declaredSeconds: Double)
  /// The decoder found damage and skipped or concealed it.
  case damaged(String)
  /// The audio is too short to describe.
  case veryShort(seconds: Double)
}

extension AudioWarning: CustomStringConvertible {
  public var description: String {
    switch self {
    case .nonFiniteSamples(let count):
      "\(count) samples were not finite numbers of 32 bits and were replaced by 0"
    case .rescaled(let peak):
      "the level is absurd (peak \(peak), full scale is 1); scaled to full scale"
    case .cutShort(let found, let declared):
      "cut short: \(Self.shortfall(found, declared))"
    case .damaged(let what):
      "damaged: \(what)"
    case .veryShort(let seconds) where seconds < 0.01:
      "only \(Self.inMilliseconds(1_000 * seconds)) ms of sound; the rest is silence"
    case .veryShort(let seconds):
      "only \(Self.inMilliseconds(seconds)) s of sound; the rest is silence"
    }
  }

  var isCutShort: Bool {
    if case .cutShort = self { return true }
    return false
  }

  private static func shortfall(_ found: Double, _ declared: Double) -> String {
    "the header declares \(inMilliseconds(declared)) s, but only \(inMilliseconds(found)) s are present"
  }

  private static func inMilliseconds(_ seconds: Double) -> Double {
    (seconds * 1_000).rounded() / 1_000
  }

  /// The same warnings, where one tells of damage and of the sound that is missing because of it.
  static func joined(_ warnings: [AudioWarning]) -> [AudioWarning] {
    var damage: String?
    var missing: (found: Double, declared: Double)?
    for warning in warnings {
      if case .damaged(let what) = warning { damage = damage ?? what }
      if case .cutShort(let found, let declared) = warning { missing = (found, declared) }
    }
    guard let damage, let missing else { return warnings }
    let both = "\(damage); \(shortfall(missing.found, missing.declared))"
    return warnings.compactMap { warning in
      switch warning {
      case .damaged(damage): .damaged(both)
      case .cutShort: nil
      default: warning
      }
    }
  }
}
