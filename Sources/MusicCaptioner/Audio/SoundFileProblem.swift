/// Why libsndfile refuses a file, in our words: its own tell of its inside, not of the file.
enum SoundFileProblem: Equatable {
  case noValidFormat
  case tooManyChannels
  case unknownEncoding
  case damaged
  /// What it says helps nobody.
  case other

  /// - Parameter message: What libsndfile says. Its numbers for all but four problems are its own, and
  ///   change from version to version.
  init(_ message: String) {
    self = Self.usualMessages.first { message.contains($0.words) }?.problem ?? .other
  }

  private static let usualMessages: [(words: String, problem: SoundFileProblem)] = [
    ("Too many channels", .tooManyChannels), ("SF_INFO struct incomplete", .noValidFormat),
    ("sample rate", .noValidFormat), ("number of channels", .noValidFormat),
    ("hannel count", .noValidFormat), ("more than 1 channel", .noValidFormat),
    ("unimplemented format", .unknownEncoding), ("unknown encoding", .unknownEncoding),
    ("unknown format", .unknownEncoding), ("unsupported compression", .unknownEncoding),
    ("unsupported encoding", .unknownEncoding), ("bit width", .unknownEncoding),
    ("Error in ", .damaged), ("flac", .damaged), ("alformed", .damaged),
    ("Unspecified internal error", .damaged), ("bad ", .damaged),
    ("supplied offset beyond end", .damaged),
  ]

  /// The error for a file of a format.
  func reason(_ format: String) -> AudioError.Reason {
    switch self {
    case .noValidFormat:
      .badHeader(
        format: format, found: "the header gives no valid sample rate and number of channels")
    case .tooManyChannels:
      .badHeader(
        format: format, found: "the header declares too many channels; expected 1 to 1024")
    case .unknownEncoding where !format.hasSuffix("FLAC"):
      .unsupportedEncoding(format: format, found: "of this file")
    case .damaged, .unknownEncoding:
      .badHeader(format: format, found: "it is damaged or incomplete")
    case .other:
      .badHeader(
        format: format, found: "the decoder of \(format) files can't read it; is it damaged?")
    }
  }
}
