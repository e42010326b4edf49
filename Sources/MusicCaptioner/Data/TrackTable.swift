/// Tracks in little memory: about 60 bytes each plus the texts, for sets of millions of captions.
struct TrackTable: Sendable {
  private struct Row: Sendable {
    var id: TextArena.Reference
    var audio: TextArena.Reference
    var part: Track.Part
    var split: UInt32
    var firstTag: UInt32
    var firstCaption: UInt32
  }

  private var texts = TextArena()
  private var rows: [Row] = []
  private var captions: [(kind: CaptionKind, text: TextArena.Reference)] = []
  private var tags: [UInt32] = []
  private var splits = NameTable()
  private var tagTable = NameTable()
  private var samples: [Int: [Float]] = [:]
  private var embedded: [Int: EmbeddedPlace] = [:]
  private var embeddingTables = NameTable()

  /// A file inside of a table, without the table's name.
  private struct EmbeddedPlace: Sendable {
    let table: UInt32
    let column: UInt32
    let rowGroup: UInt32
    let row: UInt32
  }

  var count: Int { rows.count }

  /// The bytes of the recordings held in memory.
  var recordingBytes: Int { samples.values.reduce(0) { $0 + $1.count * MemoryLayout<Float>.size } }

  /// The names of all tags, in order of first appearance.
  var tagNames: [String] { tagTable.names }

  /// Adds a track; false if the table is full.
  mutating func append(_ track: Track) -> Bool {
    var path = ""
    switch track.audio {
    case .file(let file): path = file
    case .embedded(let place): path = place.path ?? ""
    case .samples: break
    }
    guard rows.count < DataLimits.tracks,
      let id = texts.append(track.id), let audio = texts.append(path),
      let firstTag = UInt32(exactly: tags.count),
      let firstCaption = UInt32(exactly: captions.count)
    else { return false }
    switch track.audio {
    case .file: break
    case .samples(let values): samples[rows.count] = values
    case .embedded(let file):
      guard let column = UInt32(exactly: file.column), let row = UInt32(exactly: file.row),
        let rowGroup = UInt32(exactly: file.rowGroup)
      else { return false }
      embedded[rows.count] = EmbeddedPlace(
        table: embeddingTables.index(of: file.table), column: column, rowGroup: rowGroup, row: row)
    }
    for caption in track.captions {
      guard let text = texts.append(caption.text) else { return false }
      captions.append((caption.kind, text))
    }
    for tag in track.tags { tags.append(tagTable.index(of: tag)) }
    rows.append(
      Row(
        id: id, audio: audio, part: track.part, split: splits.index(of: track.split ?? ""),
        firstTag: firstTag, firstCaption: firstCaption))
    return true
  }

  func id(_ index: Int) -> String { texts[rows[index].id] }

  func part(_ index: Int) -> Track.Part { rows[index].part }

  func audio(_ index: Int) -> Track.Audio {
    if let values = samples[index] { return .samples(values) }
    let path = texts[rows[index].audio]
    if let place = embedded[index] {
      return .embedded(
        EmbeddedFile(
          table: embeddingTables.names[Int(place.table)], column: Int(place.column),
          rowGroup: Int(place.rowGroup), row: Int(place.row), path: path.isEmpty ? nil : path))
    }
    return .file(path: path)
  }

  /// Indices into ``tagNames``.
  func tags(_ index: Int) -> ArraySlice<UInt32> {
    let end = index + 1 < rows.count ? Int(rows[index + 1].firstTag) : tags.count
    return tags[Int(rows[index].firstTag)..<end]
  }

  /// The indices of the track's captions, for ``captionText(_:)``.
  func captionIndices(_ index: Int) -> Range<Int> {
    let end = index + 1 < rows.count ? Int(rows[index + 1].firstCaption) : captions.count
    return Int(rows[index].firstCaption)..<end
  }

  func captionKind(_ captionIndex: Int) -> CaptionKind { captions[captionIndex].kind }

  func captionText(_ captionIndex: Int) -> String { texts[captions[captionIndex].text] }

  subscript(_ index: Int) -> Track {
    let split = splits.names[Int(rows[index].split)]
    return Track(
      id: id(index), audio: audio(index), part: part(index), split: split.isEmpty ? nil : split,
      tags: tags(index).map { tagTable.names[Int($0)] },
      captions: captionIndices(index).map { TrackCaption(captionKind($0), captionText($0)) })
  }
}

/// Numbers for names that occur again and again.
private struct NameTable: Sendable {
  private(set) var names: [String] = []
  private var numbers: [String: UInt32] = [:]

  mutating func index(of name: String) -> UInt32 {
    if let number = numbers[name] { return number }
    // A table always has fewer than 2^32 names: each takes at least one byte of a row.
    let number = UInt32(truncatingIfNeeded: names.count)
    names.append(name)
    numbers[name] = number
    return number
  }
}
