/// A track's row in a table of any format. Nothing is looked up on disk.
struct TrackRow {
  var id: String
  /// As written; for clips found by name, the name without its extension.
  var audio: AudioName
  var part: Track.Part
  var split: String?
  var tags: [String]
  var captions: [TrackCaption]
  /// Whether a JSON file beside the audio may describe it, as in AudioCraft's data sets.
  var hasSidecar = false

  enum AudioName: Equatable {
    /// A path relative to the audio folder, or an absolute one.
    case path(String)
    /// A clip of a YouTube video, or a whole video, found by the names it may have.
    case video(id: String, start: Double, end: Double?, fileName: String?)
    /// A file inside of the table.
    case embedded(EmbeddedFile)
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

  /// Our own columns, and those of Hugging Face's `audiofolder` (`file_name`, `text`) and
  /// AudioCraft (`path`).
  private func manifestTrack(_ record: DataRecord) throws(DataError) -> TrackRow {
    let pathColumns = ["audio", "file_name", "path"]
    let path = try record.path("audio", "file_name", "path")
    guard let audio = record.embedded.map(TrackRow.AudioName.embedded) ?? path.map({ .path($0) })
    else {
      throw DataError(
        .missingField(pathColumns), file: record.file, line: record.line, field: "audio")
    }
    let (start, end) = try times(record, "start", "end")
    var captions = try captions(
      record, ["caption": .caption, "captions": .caption].merging(Self.captionFields) { $1 })
    if captions.isEmpty {
      captions = try self.captions(record, ["text": .caption, "description": .caption])
    }
    let id = try record.text("id") ?? path ?? "row \(record.line)"
    return TrackRow(
      id: id, audio: audio, part: Track.Part(start: start, end: end ?? .infinity),
      split: try split(record), tags: try record.words("tags", "tag", "aspect_list", "keywords"),
      captions: captions,
      hasSidecar: captions.isEmpty && record.value(["audio", "file_name"]) == nil)
  }

  /// The columns of LP-MusicCaps-MSD (`track_id`, `tag`, `path`, …), -MTT (`tag_top188`,
  /// `tag_top50`) and -MC (`fname`, `ytid`, `aspect_list`, `start_s`, …).
  private func lpMusicCapsTrack(_ record: DataRecord) throws(DataError) -> TrackRow? {
    // The official code only takes rows whose audio the authors had (lpmc
    // music_captioning/datasets/mc.py).
    if try record.truth("is_crawled") == false { return nil }
    let tags = try record.words("tag", "tag_top188", "tag_top50", "aspect_list")
    let captions = try captions(record, Self.captionFields)
    if let embedded = record.embedded {
      let id = try record.text("track_id", "fname", "ytid", "id", "audio")
      return TrackRow(
        id: id ?? "row \(record.line)", audio: .embedded(embedded), part: .whole,
        split: try split(record), tags: tags, captions: captions)
    }
    if let path = try record.text("path") {
      return TrackRow(
        id: try record.text("track_id") ?? path, audio: .path(path), part: .whole,
        split: try split(record), tags: tags, captions: captions)
    }
    let name = try record.text("fname")
    guard let video = try record.text("ytid", "fname", "id") else {
      throw DataError(
        .missingField(["path", "ytid", "fname"]), file: record.file, line: record.line,
        field: "path")
    }
    let (start, end) = try times(record, "start_s", "end_s")
    return TrackRow(
      id: name ?? video,
      audio: .video(id: video, start: start, end: end, fileName: name),
      part: Track.Part(start: start, end: end ?? .infinity), split: try split(record), tags: tags,
      captions: captions)
  }

  /// The columns of musiccaps-public.csv. Its captions are the paper's ground truth.
  private func musicCapsTrack(_ record: DataRecord) throws(DataError) -> TrackRow {
    let captions = try captions(
      record, ["caption": .groundTruth].merging(Self.captionFields) { $1 })
    guard let video = try record.text("ytid", "id") else {
      throw DataError(
        .missingField(["ytid"]), file: record.file, line: record.line, field: "ytid")
    }
    let (start, end) = try times(record, "start_s", "end_s")
    let part =
      record.embedded == nil ? Track.Part(start: start, end: end ?? .infinity) : Track.Part.whole
    return TrackRow(
      id: video,
      audio: record.embedded.map(TrackRow.AudioName.embedded)
        ?? .video(id: video, start: start, end: end, fileName: nil),
      part: part, split: try split(record), tags: try record.words("aspect_list"),
      captions: captions)
  }

  private static let captionFields: [String: CaptionKind] = {
    var fields: [String: CaptionKind] = [:]
    for kind in CaptionKind.allCases where kind != .caption {
      fields["caption_\(kind.rawValue)"] = kind
    }
    return fields
  }()

  func captions(
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
    if let isTest = try record.truth("is_audioset_eval") { return isTest ? "test" : "train" }
    return record.split.map(canonicalSplit)
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
