import Foundation

/// Reads one source of a configuration into a table, and counts what it leaves out.
struct SourceReader {
  private let options: DatasetOptions
  private let manifest: URL
  private let audioFolder: String
  private let audioName: String
  private let splits: [String: String]?
  private let wantedSplit: String?
  private var folder: ClipFolder?

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
    audioFolder =
      options.audio.map { resolvePath($0, base).path }
      ?? manifest.deletingLastPathComponent().path
    audioName = options.audio ?? audioFolder
    wantedSplit = options.split.map(canonicalSplit)
    splits = try options.splits.map { path throws(DataError) in
      try Self.readSplits(path, base)
    }
  }

  mutating func read(into table: inout TrackTable) throws(DataError) {
    var records = try RecordReader(manifest, name: options.manifest, what: "a table of tracks")
    while let record = try records.next() { try add(record, to: &table) }
  }

  private mutating func add(_ record: DataRecord, to table: inout TrackTable) throws(DataError) {
    guard var row = try options.format.track(from: record) else { return }
    rowCount += 1
    if let splits { row.split = splits[row.id] }
    if let split = row.split { foundSplits.insert(split) }
    guard wantedSplit == nil || row.split == wantedSplit else { return }
    splitCount += 1
    let kinds = options.captions
    let captions = row.captions.filter { caption in
      kinds.isEmpty || kinds.contains { caption.kind.answers($0) }
    }
    for caption in row.captions { foundKinds.insert(caption.kind) }
    guard !captions.isEmpty else {
      withoutCaption += 1
      return
    }
    guard let (path, part) = try locate(row) else { return }
    let track = Track(
      id: row.id, audio: .file(path: path), part: part, split: row.split, tags: row.tags,
      captions: captions)
    guard table.append(track) else { throw TrackSet.full(file: options.manifest) }
    usedCount += 1
  }

  /// The file of a row and the part of it; nil if there is no such file.
  private mutating func locate(_ row: TrackRow) throws(DataError) -> (String, Track.Part)? {
    switch row.audio {
    case .path(let written):
      let path = written.hasPrefix("/") ? written : audioFolder + "/" + written
      if PathName.exists(path) { return (path, row.part) }
      noteMissing(path)
    case .video(let id, let start, let end, let fileName):
      if folder == nil { folder = try ClipFolder(path: audioFolder, name: audioName) }
      if let found = folder?.find(video: id, start: start, end: end, fileName: fileName) {
        return found
      }
      noteMissing("\(audioFolder)/\(fileName ?? id).*")
    }
    return nil
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
      throw error(.noAudio(count: missingCount, first: missing.first ?? audioFolder))
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
      var reader = JSONReader(try ByteReader(resolvePath(path, base), name: path))
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
