/// A stream of sound in an Ogg file, from its first page to its last.
struct OggLink {
  let kind: OggCodecs.Kind
  let serial: UInt32
  /// Where its pages are in the file, among those of other streams.
  var range: Range<Int>
  var headers: [[UInt8]] = []
  var sampleRate = 0
  var channelCount = 0
  /// The samples that are cut at the beginning.
  var delay = 0
  /// The number of samples of each channel, without what is cut at the beginning and the end.
  var frameCount = 0
  /// Places to start from.
  var entries: [Entry] = []
  var hasEnd = false

  struct Entry {
    /// Of a page.
    let offset: Int
    /// The samples before the first packet that begins on the page.
    let position: Int
    /// The codec's state there.
    let state: Int
  }
}

/// The streams of sound in an Ogg file that follow one another, and where their samples are.
///
/// Every page is looked at before anything is decoded. So chained files are read whole, and lengths
/// and places come from the packets: positions that pages declare may jitter, jump or begin anywhere.
struct OggIndex {
  private(set) var links: [OggLink] = []
  /// Whether bytes or pages are missing somewhere.
  private(set) var hasGaps = false
  /// Streams of sound that others at the same time hide, or whose headers are damaged.
  private(set) var leftOutCount = 0

  init(_ source: SoundSource) {
    var reader = OggPageReader(source)
    var indexer: OggLinkIndexer?
    var isBeginning = false
    while let page = reader.next() {
      if page.isFirst {
        if !isBeginning {
          finish(indexer)
          indexer = nil
        }
        isBeginning = true
        if let kind = OggCodecs.kind(page.body) {
          if indexer == nil {
            indexer = OggLinkIndexer(kind, page)
          } else {
            leftOutCount += 1
          }
        }
      } else {
        isBeginning = false
      }
      if page.serial == indexer?.link.serial { indexer?.add(page) }
    }
    finish(indexer)
    if reader.hasSkipped { hasGaps = true }
  }

  private mutating func finish(_ indexer: OggLinkIndexer?) {
    guard let indexer else { return }
    if indexer.hasGaps { hasGaps = true }
    if let link = indexer.finished() { links.append(link) } else { leftOutCount += 1 }
  }
}

/// Collects what is known about one stream, page by page.
struct OggLinkIndexer {
  private(set) var link: OggLink
  private(set) var hasGaps = false

  private var assembler = OggPacketAssembler()
  private var codec: (any OggCodec)?
  private var position = 0
  /// The first page with a position: that, and the samples up to there.
  private var first: (granule: Int, position: Int, isLast: Bool)?
  /// The last page: its position, and the samples before it and up to there.
  private var last: (granule: Int, before: Int)?

  init(_ kind: OggCodecs.Kind, _ page: OggPage) {
    link = OggLink(kind: kind, serial: page.serial, range: page.offset..<page.end)
  }

  mutating func add(_ page: OggPage) {
    link.range = link.range.lowerBound..<page.end
    let before = position
    var hasEntry = !page.isContinued
    var entry = OggLink.Entry(offset: page.offset, position: position, state: codec?.state ?? 0)
    let packets = assembler.packets(of: page)
    for packet in packets {
      if packet.followsGap {
        hasGaps = true
        codec?.state = 0
      }
      guard let codec else {
        addHeader(packet.bytes)
        continue
      }
      if packet.followsGap && !packet.isContinued {
        entry = .init(offset: page.offset, position: position, state: 0)
      }
      position += codec.duration(of: packet.bytes)
      if packet.isContinued {
        hasEntry = true
        entry = .init(offset: page.offset, position: position, state: codec.state)
      }
    }
    if codec != nil, hasEntry, before < position { link.entries.append(entry) }
    if page.isLast { link.hasEnd = true }
    if let granule = page.granule, codec != nil, position > 0, granule >= 0 {
      if first == nil { first = (granule, position, page.isLast) }
      last = (granule, before)
    }
  }

  private mutating func addHeader(_ packet: [UInt8]) {
    link.headers.append(packet)
    if link.headers.count == OggCodecs.headerCount(link.kind) {
      codec = OggCodecs.make(link.kind, link.headers)
    }
  }

  /// - Returns: nil if the headers are damaged or incomplete.
  func finished() -> OggLink? {
    var link = link
    if link.kind == .flac { return link }
    guard let codec else { return nil }
    link.sampleRate = codec.sampleRate
    link.channelCount = codec.channelCount
    link.delay = codec.delay
    var end = position
    if let first, let last {
      // Positions count at 48 kHz in Opus. A stream cut out of another one begins anywhere.
      let unit = link.kind == .opus ? 48_000 / codec.sampleRate : 1
      let origin = first.isLast ? 0 : first.granule / unit - first.position
      if origin < 0, link.kind == .vorbis { link.delay = min(-origin, first.position) }
      let declared = last.granule / unit - (link.kind == .vorbis ? origin : max(0, origin))
      // The end may lie within the last page.
      if link.hasEnd, last.before < declared, declared < end { end = declared }
    }
    link.frameCount = max(0, end - link.delay)
    return link
  }
}
