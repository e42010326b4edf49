import COpus

/// libopus's decoder for one stream (RFC 6716, and RFC 7845 for the header). This is the only file
/// that calls it.
final class OpusCodec: OggCodec {
  let sampleRate: Int
  let channelCount: Int
  let delay: Int
  /// Five seconds, until nothing is left of what the decoder didn't hear.
  var lead: Int { 5 * sampleRate }
  var state = 0

  private let decoder: OpaquePointer
  private var samples: [Float]

  /// - Returns: nil for a damaged header.
  init?(_ header: [UInt8]) {
    guard header.count >= 19, header[8] < 16, header[9] > 0 else { return nil }
    channelCount = Int(header[9])
    let source = header[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
    // Of the rates that the decoder has, the lowest that loses nothing of the source.
    let rates = [8_000, 12_000, 16_000, 24_000]
    sampleRate = source == 0 ? 48_000 : rates.first { $0 >= source } ?? 48_000
    delay = (Int(header[10]) | Int(header[11]) << 8) * sampleRate / 48_000
    samples = Array(repeating: 0, count: sampleRate * 120 / 1_000 * channelCount)
    // One or two channels need no table of streams.
    let isSimple = header[18] == 0
    guard isSimple ? channelCount <= 2 : header.count >= 21 + channelCount else { return nil }
    let streams = isSimple ? 1 : Int32(header[19])
    let coupled = isSimple ? Int32(channelCount - 1) : Int32(header[20])
    let mapping: [UInt8] = isSimple ? [0, 1] : Array(header[21..<21 + channelCount])
    var status: Int32 = 0
    guard
      let decoder = opus_multistream_decoder_create(
        Int32(sampleRate), Int32(channelCount), streams, coupled, mapping, &status)
    else { return nil }
    self.decoder = decoder
    set_opus_gain(decoder, Int32(Int16(bitPattern: UInt16(header[16]) | UInt16(header[17]) << 8)))
  }

  deinit { opus_multistream_decoder_destroy(decoder) }

  func duration(of packet: [UInt8]) -> Int {
    let count = opus_packet_get_nb_samples(packet, Int32(packet.count), Int32(sampleRate))
    // A packet lasts 120 ms at most.
    return count > 0 && Int(count) <= sampleRate * 120 / 1_000 ? Int(count) : 0
  }

  func restart() { reset_opus_decoder(decoder) }

  func decode(_ packet: [UInt8]) -> [Float] {
    let count = opus_multistream_decode_float(
      decoder, packet, Int32(packet.count), &samples, Int32(samples.count / channelCount), 0)
    return Array(samples.prefix(max(0, Int(count)) * channelCount))
  }
}
