/// A codec whose packets are in an Ogg stream.
///
/// A packet's length in samples is known from its first bytes and from what preceded it. Decoders
/// return exactly that, so that every sample's place is known without decoding.
protocol OggCodec: AnyObject {
  /// In hertz.
  var sampleRate: Int { get }
  var channelCount: Int { get }
  /// The samples at the beginning that are not part of the music.
  var delay: Int { get }
  /// How many samples before a place to start so that those from there on are exact.
  var lead: Int { get }
  /// What a packet's length depends on besides the packet; 0 at the beginning.
  var state: Int { get set }

  /// The number of samples that a packet becomes, of each channel. Advances the state.
  func duration(of packet: [UInt8]) -> Int

  /// Makes the next packet the first one.
  func restart()

  /// Decodes a packet to interleaved samples: as many as there are, ideally its duration.
  func decode(_ packet: [UInt8]) -> [Float]
}

/// The codecs that are read, and how their streams begin.
enum OggCodecs {
  enum Kind { case vorbis, opus, flac }

  /// The kind of a stream by its first packet; nil if it isn't a known one.
  static func kind(_ packet: some Collection<UInt8>) -> Kind? {
    if packet.starts(with: [1] + Array("vorbis".utf8)) { return .vorbis }
    if packet.starts(with: "OpusHead".utf8) { return .opus }
    if packet.starts(with: [0x7F] + Array("FLAC".utf8)) { return .flac }
    return nil
  }

  /// How many packets precede the sound, the first included.
  static func headerCount(_ kind: Kind) -> Int {
    switch kind {
    case .vorbis: 3
    case .opus: 2
    case .flac: 1
    }
  }

  /// - Returns: nil if the headers are damaged.
  static func make(_ kind: Kind, _ headers: [[UInt8]]) -> (any OggCodec)? {
    switch kind {
    case .vorbis: VorbisCodec(headers)
    case .opus: headers.first.flatMap { OpusCodec($0) }
    case .flac: nil
    }
  }
}
