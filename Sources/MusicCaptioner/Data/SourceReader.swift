import Foundation

/// Reads one source of a configuration into a table, and counts what it leaves out.
struct SourceReader {
  private let options: DatasetOptions
  private let manifest: URL
  /// The folder of relative paths; that of the table if nil.
  private let audioFolder: String?
  private let splits: [String: String]?
  private let wantedSplit: String?
  private var clips: ClipFolder?

  private var rowCount = 0
  private var splitCount = 0
  private var foundSplits: Set<String> = []
  private var foundKinds: Set<CaptionKind> = []
  private var withoutCaption = 0
  private var missing: [String] = []
  private var missingCount = 0
  private var usedCount = 0

  init(_ options: DatasetOptions, folder base: URL) throws(DataError) {
    self.options = options
    guard !options.manifest.isEmpty else {
      throw DataError(
        .value(found: "nothing", expected: "the path of a table of tracks"), file: "",
        field: "manifest")
    }
    manifest = resolvePath(options.manifest, base)
    audioFolder = options.audio.map { resolvePath($0, base).path }
    wantedSplit = options.split.map(canonicalSplit)
    splits = try options.splits.map { path throws(DataError) in
      try Self.readSplits(path, base)
    }
  }

  mutating func read(into table: inout TrackTable) throws(DataError) {
    var records = try RecordReader(
      manifest, name: options.manifest, what: "a table of tracks", columns: TableColumns.all)
    while let record = try records.next() { try add(record, to: &table) }
  }

  private mutating func add(_ record: DataRecord, to table: inout TrackTable) throws(DataError) {
    guard var row = try options.format.track(from: record) else { return }
    rowCount += 1
    if let splits { row.split = splits[row.id] }
    if let split = row.split { foundSplits.insert(split) }
    guard wantedSplit == nil || row.split == wantedSplit else { return }
    splitCount += 1
    if row.hasSidecar { try describe(&row, in: folder(of: record)) }
    let kinds = options.captions
    let captions = row.captions.filter { caption in
      kinds.isEmpty || kinds.contains { caption.kind.answers($0) }
    }
    for caption in row.captions { foundKinds.insert(caption.kind) }
    guard !captions.isEmpty else {
      withoutCaption += 1
      return
    }
    guard let (audio, part) = try locate(row, in: folder(of: record)) else { return }
    let track = Track(
      id: row.id, audio: audio, part: part, split: row.split, tags: row.tags, captions: captions)
    guard table.append(track) else { throw TrackSet.full(file: options.manifest) }
    usedCount += 1
  }

  private func folder(of record: DataRecord) -> String {
    audioFolder ?? (record.table?.url ?? manifest).deletingLastPathComponent().path
  }

  /// The audio of a row and the part of it; nil if there is no such file.
  private mutating func locate(
    _ row: TrackRow, in folder: String
  ) throws(DataError) -> (Track.Audio, Track.Part)? {
    switch row.audio {
    case .embedded(var file):
      file.path = file.path.map { PathName.resolve($0, in: folder) }
      return (.embedded(file), row.part)
    case .path(let written):
      let path = PathName.resolve(written, in: folder)
      if PathName.exists(path) { return (.file(path: path), row.part) }
      noteMissing(path)
    case .video(let id, let start, let end, let fileName):
      if clips?.path != folder {
        clips = try ClipFolder(path: folder, name: options.audio ?? folder)
      }
      if let found = clips?.find(video: id, start: start, end: end, fileName: fileName) {
        return (.file(path: found.path), found.part)
      }
      noteMissing("\(folder)/\(fileName ?? id).*")
    }
    return nil
  }

  /// Adds what a JSON file beside the audio says about it, as AudioCraft's MusicGen reads it.
  private func describe(_ row: inout TrackRow, in folder: String) throws(DataError) {
    guard case .path(let written) = row.audio else { return }
    let audio = URL(fileURLWithPath: PathName.resolve(written, in: folder))
    let url = audio.deletingPathExtension().appendingPathExtension("json")
    guard PathName.exists(url.path) else { return }
    let json = try DataError.wrapping("a description of \(audio.lastPathComponent)") {
      () throws(FileError) in try JSONReader.document(of: url)
    }
    guard case .object(let fields) = json else { return }
    let record = DataRecord(file: url.path, line: 1, fields: fields)
    row.captions = try options.format.captions(
      record, ["description": .caption, "caption": .caption])
    if row.tags.isEmpty {
      for name in ["keywords", "genre", "moods"] { row.tags += try record.words(name) }
    }
  }

  private mutating func noteMissing(_ path: String) {
    missingCount += 1
    if missing.count < 3 { missing.append(path) }
  }

  /// - Returns: Warnings about what was left out.
  /// - Throws: An error if nothing is left.
  func finish() throws(DataError) -> [DataWarning] {
    let file = options.manifest
    func error(_ reason: DataError.Reason) -> DataError { DataError(reason, file: file) }
    guard rowCount > 0 else { throw error(.empty) }
    if splitCount == 0, let asked = options.split {
      if foundSplits.isEmpty { throw error(.splitsUnknown(asked: asked)) }
      throw error(.noSuchSplit(asked: asked, found: foundSplits.sorted()))
    }
    guard splitCount > withoutCaption else {
      let asked = options.captions.isEmpty ? CaptionKind.allCases : options.captions
      throw error(
        .noCaptions(asked: asked.map(\.rawValue), found: foundKinds.map(\.rawValue).sorted()))
    }
    guard usedCount > 0 else {
      throw error(.noAudio(count: missingCount, first: missing.first ?? audioFolder ?? file))
    }
    var warnings: [DataWarning] = []
    if withoutCaption > 0 {
      warnings.append(.withoutCaption(source: file, count: withoutCaption, of: splitCount))
    }
    if missingCount > 0 {
      let all = splitCount - withoutCaption
      warnings.append(
        .missingAudio(source: file, count: missingCount, of: all, examples: missing))
    }
    return warnings
  }

  /// Maps each id of a `track_split.json` to its split.
  private static func readSplits(_ path: String, _ base: URL) throws(DataError) -> [String: String]
  {
    var splits: [String: String] = [:]
    var problem: DataError?
    try DataError.wrapping("a track_split.json") { () throws(FileError) in
      var reader = JSONReader(try TableInput(resolvePath(path, base), name: path).open())
      try reader.forEachListElement { (key, element, line) throws(FileError) in
        switch element {
        case .text(let id), .number(let id): splits[id] = canonicalSplit(key)
        default:
          problem =
            problem
            ?? DataError(
              .value(found: element.kind, expected: "a list of track ids"), file: path, line: line,
              field: key)
        }
      }
    }
    if let problem { throw problem }
    return splits
  }
}

/// Resolves a path of the configuration: unchanged if absolute, otherwise relative to `folder`.
private func resolvePath(_ path: String, _ folder: URL) -> URL {
  path.hasPrefix("/")
    ? URL(fileURLWithPath: path)
    : URL(fileURLWithPath: folder.appending(path: path).standardizedFileURL.path)
}
