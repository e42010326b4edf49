import CVorbis

/// libvorbis's decoder for one stream. This is the only file that calls it.
final class VorbisCodec: OggCodec {
  let sampleRate: Int
  let channelCount: Int
  var delay: Int { 0 }
  /// Two of the longest packets: a packet is added to the end of the one before.
  var lead: Int { 2 * 8_192 }
  /// The size of the previous block; 0 if there is none.
  var state = 0

  // libvorbis keeps pointers from one of these to the other.
  private let info = UnsafeMutablePointer<vorbis_info>.allocate(capacity: 1)
  private let comment = UnsafeMutablePointer<vorbis_comment>.allocate(capacity: 1)
  private let synthesis = UnsafeMutablePointer<vorbis_dsp_state>.allocate(capacity: 1)
  private let block = UnsafeMutablePointer<vorbis_block>.allocate(capacity: 1)
  private var isReady = false

  /// - Parameter headers: The first three packets.
  /// - Returns: nil if they are damaged.
  init?(_ headers: [[UInt8]]) {
    let (info, comment, synthesis) = (info, comment, synthesis)
    vorbis_info_init(info)
    vorbis_comment_init(comment)
    let isValid =
      headers.count == 3 && VorbisSetup.isUsable(headers[2])
      && headers.enumerated().allSatisfy { index, header in
        Self.withPacket(header, isFirst: index == 0) {
          vorbis_synthesis_headerin(info, comment, $0)
        } == 0
      }
    sampleRate = Int(info.pointee.rate)
    channelCount = Int(info.pointee.channels)
    // Never called again after a failure: it would believe that half of the work is done.
    guard isValid, channelCount > 0, vorbis_synthesis_init(synthesis, info) == 0 else {
      return nil
    }
    isReady = true
    vorbis_block_init(synthesis, block)
  }

  deinit {
    if isReady {
      vorbis_block_clear(block)
      vorbis_dsp_clear(synthesis)
    }
    vorbis_comment_clear(comment)
    vorbis_info_clear(info)
    block.deallocate()
    synthesis.deallocate()
    comment.deallocate()
    info.deallocate()
  }

  private static func withPacket<Result>(
    _ bytes: [UInt8], isFirst: Bool = false, _ body: (UnsafeMutablePointer<ogg_packet>) -> Result
  ) -> Result {
    var bytes = bytes
    return bytes.withUnsafeMutableBufferPointer { buffer in
      var packet = ogg_packet()
      packet.packet = buffer.baseAddress
      packet.bytes = buffer.count
      packet.b_o_s = isFirst ? 1 : 0
      // Positions would make libvorbis cut on its own.
      packet.granulepos = -1
      return body(&packet)
    }
  }

  func duration(of packet: [UInt8]) -> Int {
    let size = Self.withPacket(packet) { vorbis_packet_blocksize(info, $0) }
    guard size > 0 else { return 0 }
    defer { state = size }
    return state == 0 ? 0 : state / 4 + size / 4
  }

  func restart() { vorbis_synthesis_restart(synthesis) }

  func decode(_ packet: [UInt8]) -> [Float] {
    guard Self.withPacket(packet, { vorbis_synthesis(block, $0) }) == 0,
      vorbis_synthesis_blockin(synthesis, block) == 0
    else { return [] }
    var output: [Float] = []
    var channels: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>?
    while true {
      let count = Int(vorbis_synthesis_pcmout(synthesis, &channels))
      guard count > 0, let channels else { return output }
      let start = output.count
      output.append(contentsOf: repeatElement(0, count: count * channelCount))
      for channel in 0..<channelCount {
        guard let samples = channels[channel] else { continue }
        for frame in 0..<count { output[start + frame * channelCount + channel] = samples[frame] }
      }
      vorbis_synthesis_read(synthesis, Int32(count))
    }
  }
}
