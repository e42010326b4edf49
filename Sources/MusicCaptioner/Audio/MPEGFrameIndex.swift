/// Frames that one decoder can decode one after another.
struct MPEGRun {
  /// The header of the first frame.
  let header: MPEGFrameHeader
  /// The length of the frames without padding, if the format is free.
  let free: Int?
  var frames: [Frame] = []

  struct Frame {
    /// Where it begins in the file, and its length, in bytes.
    let offset: Int
    let length: Int
  }
}

/// Where the frames of an MPEG audio file are.
///
/// Every frame's header is looked at before anything is decoded. So the length is known, whatever a
/// tag at the beginning declares; files that were joined, cut or damaged are read whole; and any
/// sample can be reached exactly.
struct MPEGFrameIndex {
  private(set) var runs: [MPEGRun] = []
  private(set) var info: MPEGInfoTag?
  /// Bytes between frames that are neither frames nor tags.
  private(set) var skippedCount = 0
  /// Bytes before the first frame and after the last one that are neither tags nor zeros.
  private(set) var frontCount = 0
  private(set) var restCount = 0

  private var reader: MPEGFrameReader

  /// A file whose first frame is preceded by nothing but tags and zeros.
  ///
  /// - Returns: nil for any other.
  init?(_ source: SoundSource) {
    reader = MPEGFrameReader(source)
    let start = reader.endOfTags(from: reader.endOfZeros(from: reader.endOfTags(from: 0)))
    let (count, reachesEnd) = reader.chain(from: start, limit: 3)
    guard count == 3 || count > 0 && reachesEnd else { return nil }
    index(from: start)
    if runs.isEmpty { return nil }
  }

  /// A file with anything before its first frame: what a recorder, a server or a cut left there.
  ///
  /// - Returns: nil if no frames follow one another near the beginning, or if what looks like frames is
  ///   likely something else. One of 10⁹ files of random bytes has some.
  init?(searching source: SoundSource) {
    reader = MPEGFrameReader(source)
    // Behind a tag of MP3 files, any place will do: pictures may be large, their declared size wrong.
    let tags = reader.endOfTags(from: 0)
    let zeros = reader.endOfZeros(from: tags)
    let limit = tags > 0 ? source.size : min(source.size, zeros + Self.longestJunk)
    guard
      let start = find(from: tags < source.size ? zeros : 10, before: limit, compatible: 4, new: 4)
    else { return nil }
    frontCount = max(0, start - zeros)
    index(from: start)
    if tags == 0, !isPlausible(in: source) { return nil }
  }

  static let longestJunk = 1 << 20

  /// The frames of all runs.
  var frameCount: Int { runs.reduce(0) { $0 + $1.frames.count } }

  /// Of all frames.
  var seconds: Double {
    runs.reduce(0) {
      $0 + Double($1.frames.count * $1.header.sampleCount) / Double($1.header.sampleRate)
    }
  }

  // MARK: Indexing

  private mutating func index(from start: Int) {
    defer { runs.removeAll { $0.frames.isEmpty } }
    var offset = start
    while offset < reader.size {
      if let tag = reader.tagLength(at: offset), offset + tag <= reader.size {
        offset += tag
      } else if let frame = frame(at: offset) {
        offset = take(frame)
      } else if isNewRun(at: offset), let header = reader.header(at: offset) {
        runs.append(
          MPEGRun(
            header: header, free: header.isFree ? reader.freeLength(at: offset, header) : nil))
        guard let frame = frame(at: offset) else { return }
        if runs.count == 1 { info = MPEGInfoTag(bytes(of: frame), header) }
        // In files that were joined, the others' tags are left in: they are silence to a decoder.
        offset = runs.count == 1 && info != nil ? end(of: frame) : take(frame)
      } else {
        guard let next = find(from: offset + 1) else { return countRest(from: offset) }
        skippedCount += next - offset
        offset = next
      }
    }
  }

  /// Counts what follows the last frame. Zeros and tags are no damage.
  private mutating func countRest(from end: Int) {
    restCount = max(0, reader.size - reader.endOfPadding(from: end))
  }

  /// The frame at an offset that belongs to the current run; nil if it doesn't or is incomplete.
  private mutating func frame(at offset: Int) -> MPEGRun.Frame? {
    guard let run = runs.last, let header = reader.header(at: offset),
      header.isCompatible(with: run.header), let length = header.length(free: run.free),
      length > 4 + header.sideLength, offset + length <= reader.size
    else { return nil }
    return MPEGRun.Frame(offset: offset, length: length)
  }

  private func end(of frame: MPEGRun.Frame) -> Int { frame.offset + frame.length }

  /// Adds a frame to the current run, unless its header is damaged.
  ///
  /// - Returns: Where to go on.
  private mutating func take(_ frame: MPEGRun.Frame) -> Int {
    let end = end(of: frame)
    let isFollowed =
      end == reader.size || self.frame(at: end) != nil || reader.tagLength(at: end) != nil
      || isNewRun(at: end)
    let next = isFollowed ? end : find(from: frame.offset + 4)
    // A frame that begins within this one shows that its length is wrong.
    guard let next, next < end else {
      runs[runs.count - 1].frames.append(frame)
      if let next { skippedCount += next - end } else { countRest(from: end) }
      return next ?? reader.size
    }
    skippedCount += next - frame.offset
    return next
  }

  private mutating func isNewRun(at offset: Int) -> Bool {
    let (count, reachesEnd) = reader.chain(from: offset, limit: 3)
    return count == 3 || count > 0 && reachesEnd
  }

  /// Finds frames that follow one another: as many as given that go on with the current run, or
  /// that don't.
  private mutating func find(
    from start: Int, before limit: Int = .max, compatible: Int = 3, new: Int = 4
  ) -> Int? {
    var offset = start
    while let candidate = reader.nextCandidate(from: offset, before: min(limit, reader.size)) {
      if let header = reader.header(at: candidate) {
        let run = runs.last.flatMap { $0.header.isCompatible(with: header) ? $0 : nil }
        let wanted = run == nil ? new : compatible
        let (count, reachesEnd) = reader.chain(from: candidate, limit: wanted, free: run?.free)
        if count == wanted || reachesEnd && count >= (run == nil ? 3 : 1) { return candidate }
      }
      offset = candidate + 1
    }
    return nil
  }

  private mutating func bytes(of frame: MPEGRun.Frame) -> [UInt8] {
    Array(reader.bytes(frame.length, at: frame.offset))
  }
}
