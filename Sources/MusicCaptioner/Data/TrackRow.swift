/// A track's row in a table of any format. Nothing is looked up on disk.
struct TrackRow {
  var id: String
  /// As written; for clips found by name, the name without its extension.
  var audio: AudioName
  var part: Track.Part
  var split: String?
  var tags: [String]
  var captions: [TrackCaption]

  enum AudioName: Equatable {
    /// A path relative to the audio folder, or an absolute one.
    case path(String)
    /// A clip of a YouTube video, or a whole video, found by the names it may have.
    case video(id: String, start: Double, end: Double?, fileName: String?)
  }
}

extension DatasetFormat {
  /// Reads a row; nil for rows that the official code skips.
  func track(from record: DataRecord) throws(DataError) -> TrackRow? {
    switch self {
    case .manifest: return try manifestTrack(record)
    case .lpMusicCaps: return try lpMusicCapsTrack(record)
    case .musicCaps: return try musicCapsTrack(record)
    }
  }

  private func manifestTrack(_ record: DataRecord) throws(DataError) -> TrackRow {
    let audio = try record.requiredText("audio")
    let (start, end) = try times(record, "start", "end")
    let captions = try captions(
      record, ["caption": .caption, "captions": .caption].merging(Self.captionFields) { $1 })
    return TrackRow(
      id: try record.text("id") ?? audio, audio: .path(audio),
      part: Track.Part(start: start, end: end ?? .infinity), split: try split(record),
      tags: try record.words("tags"), captions: captions)
  }

  /// The columns of LP-MusicCaps-MSD (`track_id`, `tag`, `path`, …), -MTT (`tag_top188`,
  /// `tag_top50`) and -MC (`fname`, `ytid`, `aspect_list`, `start_s`, …).
  private func lpMusicCapsTrack(_ record: DataRecord) throws(DataError) -> TrackRow? {
    // The official code only takes rows whose audio the authors had (lpmc
    // music_captioning/datasets/mc.py).
    if try record.truth("is_crawled") == false { return nil }
    let tags = try record.words("tag", "tag_top188", "tag_top50", "aspect_list")
    let captions = try captions(record, Self.captionFields)
    if let path = try record.text("path") {
      return TrackRow(
        id: try record.text("track_id") ?? path, audio: .path(path), part: .whole,
        split: try split(record), tags: tags, captions: captions)
    }
    guard record.value(["ytid", "fname"]) != nil else {
      throw DataError(
        .missingField(["path", "ytid", "fname"]), file: record.file, line: record.line,
        field: "path")
    }
    let name = try record.text("fname")
    let (start, end) = try times(record, "start_s", "end_s")
    let video = try record.text("ytid") ?? name ?? ""
    return TrackRow(
      id: name ?? video,
      audio: .video(id: video, start: start, end: end, fileName: name),
      part: Track.Part(start: start, end: end ?? .infinity), split: try split(record), tags: tags,
      captions: captions)
  }

  /// The columns of musiccaps-public.csv. Its captions are the paper's ground truth.
  private func musicCapsTrack(_ record: DataRecord) throws(DataError) -> TrackRow {
    let video = try record.requiredText("ytid")
    let (start, end) = try times(record, "start_s", "end_s")
    return TrackRow(
      id: video, audio: .video(id: video, start: start, end: end, fileName: nil),
      part: Track.Part(start: start, end: end ?? .infinity), split: try split(record),
      tags: try record.words("aspect_list"),
      captions: try captions(
        record, ["caption": .groundTruth].merging(Self.captionFields) { $1 }))
  }

  private static let captionFields: [String: CaptionKind] = {
    var fields: [String: CaptionKind] = [:]
    for kind in CaptionKind.allCases where kind != .caption {
      fields["caption_\(kind.rawValue)"] = kind
    }
    return fields
  }()

  private func captions(
    _ record: DataRecord, _ fields: [String: CaptionKind]
  ) throws(DataError) -> [TrackCaption] {
    var captions: [TrackCaption] = []
    // Sorted: a dictionary's order differs from run to run, and so would the draws.
    for (field, kind) in fields.sorted(by: { $0.key < $1.key }) {
      for sentence in try record.sentences(field) {
        let text = sentence.trimmingASCIIWhitespace()
        if !text.isEmpty { captions.append(TrackCaption(kind, text)) }
      }
    }
    return captions
  }

  private func split(_ record: DataRecord) throws(DataError) -> String? {
    if let name = try record.text("split") { return canonicalSplit(name) }
    return try record.truth("is_audioset_eval").map { $0 ? "test" : "train" }
  }

  private func times(
    _ record: DataRecord, _ startField: String, _ endField: String
  ) throws(DataError) -> (start: Double, end: Double?) {
    let start = try record.seconds(startField) ?? 0
    let end = try record.seconds(endField)
    if let end, end <= start {
      throw record.error(endField, found: "\(end) s", expected: "more than the start, \(start) s")
    }
    return (start, end)
  }
}
