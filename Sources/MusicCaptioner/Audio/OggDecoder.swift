/// Decodes one stream of an Ogg file.
final class OggDecoder: SoundDecoder {
  var sampleRate: Int { link.sampleRate }
  var channelCount: Int { link.channelCount }
  var declaredFrameCount: Int? { link.frameCount }
  var warnings: [AudioWarning] {
    isDamaged ? [.damaged("parts of the Ogg stream can't be decoded and are silent")] : []
  }

  private let source: SoundSource
  private let link: OggLink
  private let codec: any OggCodec
  private var pages: OggPageReader
  private var assembler = OggPacketAssembler()
  private var packets: ArraySlice<OggPacketAssembler.Packet> = []
  /// The last decoded packet, interleaved, and the place of its first sample, with what is cut.
  private var samples: [Float] = []
  private var samplesStart = 0
  /// Whether the next packet is the first one after a start.
  private var isStarting = true
  private var isDamaged = false
  /// Of the next sample to return.
  private var position: Int

  init(_ source: SoundSource, _ link: OggLink) throws(AudioError) {
    guard let codec = OggCodecs.make(link.kind, link.headers) else {
      throw AudioError(.library("a second reading of the Ogg headers failed"), file: source.path)
    }
    self.source = source
    self.link = link
    self.codec = codec
    pages = OggPageReader(source, at: link.range.lowerBound)
    position = link.delay
    restart()
  }

  private var samplesEnd: Int { samplesStart + samples.count / channelCount }

  func seek(to frame: Int) -> Bool {
    guard frame <= link.frameCount else { return false }
    position = frame + link.delay
    // Decoding on to a place nearby costs less than to start before it.
    if position < samplesStart || position > samplesEnd + codec.lead { restart() }
    return true
  }

  func read(_ frameCount: Int, into output: UnsafeMutableBufferPointer<Float>) -> Int {
    let end = link.frameCount + link.delay
    var done = 0
    while done < frameCount, position < end {
      if position >= samplesEnd {
        guard decodeNext() else { break }
        continue
      }
      let count = min(samplesEnd - position, frameCount - done, end - position)
      let first = (position - samplesStart) * channelCount
      _ = output[(done * channelCount)...].update(
        fromContentsOf: samples[first..<first + count * channelCount])
      done += count
      position += count
    }
    return done
  }

  /// Goes to a page before `position`.
  private func restart() {
    let wanted = position - codec.lead
    var (low, high) = (0, link.entries.count)
    while low < high {
      let middle = (low + high) / 2
      if link.entries[middle].position <= wanted { low = middle + 1 } else { high = middle }
    }
    let entry = link.entries.isEmpty ? nil : link.entries[max(0, low - 1)]
    pages = OggPageReader(source, at: entry?.offset ?? link.range.upperBound)
    assembler = OggPacketAssembler()
    packets = []
    samples = []
    isStarting = true
    samplesStart = entry?.position ?? 0
    codec.restart()
    codec.state = entry?.state ?? 0
  }

  /// Decodes the next packet; false at the end.
  private func decodeNext() -> Bool {
    while packets.isEmpty {
      guard let page = pages.next(), page.offset < link.range.upperBound else { return false }
      if page.serial == link.serial { packets = assembler.packets(of: page)[...] }
    }
    let packet = packets.removeFirst()
    samplesStart = samplesEnd
    if packet.followsGap {
      codec.restart()
      codec.state = 0
    }
    let wanted = codec.duration(of: packet.bytes) * channelCount
    samples = codec.decode(packet.bytes)
    if samples.count < wanted {
      // After a start, the previous packet is missing.
      if !isStarting { isDamaged = true }
      samples.insert(contentsOf: repeatElement(0, count: wanted - samples.count), at: 0)
    } else {
      samples.removeLast(samples.count - wanted)
    }
    isStarting = false
    return true
  }
}
