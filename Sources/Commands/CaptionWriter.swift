import MusicCaptioner

/// Captions of many files into one document, or into documents for each file.
final class CaptionWriter: CaptionSink {
  enum Destination: Sendable {
    /// One for all files; standard output if the path is nil.
    case document(CaptionFormat, path: String?)
    case tree(OutputTree)
  }

  private let destination: Destination
  private let best: Int
  private let holdsSongs: Bool
  /// Of the current file; none between the files of a tree.
  private var documents: [(document: CaptionDocument, output: CaptionOutput)] = []
  /// Of a tree, those that are ready to be written to.
  private var folders: Set<String> = []
  /// Of the audio files in the tree.
  private let positions: [Int]
  /// The place of the current file among them.
  private var index = 0
  /// Captions of the current file.
  private var currentCount = 0
  /// Captions written: of a tree, those in complete files.
  private(set) var count = 0

  /// - Parameters:
  ///   - positions: In the tree, of the audio files that will be captioned.
  ///   - best: Captions of each chunk.
  ///   - holdsSongs: Whether songs come instead of captions.
  /// - Throws: `FileError` where the output can't be written, `CaptionerError` where it can't hold the
  ///   captions of that many files.
  init(
    _ destination: Destination, positions: [Int], best: Int, holdsSongs: Bool
  ) throws {
    self.positions = positions
    self.destination = destination
    self.best = best
    self.holdsSongs = holdsSongs
    switch destination {
    case .tree(let tree): try prepare(tree.folder)
    case .document(let format, let path):
      if format.isSubtitles && positions.count > 1 {
        throw CaptionerError(
          .subtitlesOfSeveral(format: format, count: positions.count),
          file: path ?? "standard output")
      }
      let document = CaptionDocument(
        format, best: best, namesAudio: positions.count > 1, holdsSongs: holdsSongs)
      try open(document, path)
    }
  }

  private func open(_ document: CaptionDocument, _ path: String?) throws(FileError) {
    let output = try CaptionOutput(path, isOneOfMany: writesFiles)
    documents.append((document, output))
    try output.write(document.header)
  }

  /// Whether each audio file has files of its own, so that one that can't be written costs no other.
  var writesFiles: Bool {
    if case .tree = destination { true } else { false }
  }

  func add(_ caption: Caption) throws(FileError) {
    try openDocuments()
    for index in documents.indices {
      try documents[index].output.write(documents[index].document.add(caption))
    }
    currentCount += 1
  }

  func add(_ song: SongDescription) throws(FileError) {
    try openDocuments()
    for index in documents.indices {
      try documents[index].output.write(documents[index].document.add(song))
    }
    currentCount += 1
  }

  /// Those of the current file of a tree.
  private func openDocuments() throws(FileError) {
    if documents.isEmpty, case .tree(let tree) = destination {
      for format in tree.formats {
        let path = tree.path(positions[index], format)
        try prepare(PathName.folder(path))
        try open(CaptionDocument(format, best: best, holdsSongs: holdsSongs), path)
      }
    }
  }

  private func prepare(_ folder: String) throws(FileError) {
    guard !folders.contains(folder) else { return }
    try Folders.create(folder)
    TemporaryFiles.removeLeftovers(in: PathName.url(folder))
    folders.insert(folder)
  }

  /// No more captions of the current file come.
  ///
  /// - Parameter isComplete: Whether all of it is captioned: a tree has no file with less.
  func endAudio(isComplete: Bool) throws(FileError) {
    defer {
      index += 1
      currentCount = 0
    }
    for index in documents.indices {
      try documents[index].output.write(documents[index].document.endAudio())
    }
    guard writesFiles else { return count += currentCount }
    guard isComplete else { return abandonAudio() }
    try close()
    count += currentCount
  }

  /// Leaves out the current file of a tree.
  func abandonAudio() {
    for (_, output) in documents { output.abandon() }
    documents = []
  }

  /// Writes what is still to be written. A tree's file of which captions are missing is left out.
  ///
  /// - Parameter keepsEmpty: Whether a file without any caption takes its name.
  /// - Throws: Where the output can't be written.
  func finish(keepsEmpty: Bool) throws(FileError) {
    if writesFiles { return abandonAudio() }
    count += currentCount
    currentCount = 0
    for index in documents.indices {
      try documents[index].output.write(documents[index].document.endAudio())
    }
    if count == 0 && !keepsEmpty, documents.contains(where: { !$0.output.isStandardOutput }) {
      return abandonAudio()
    }
    try close()
  }

  private func close() throws(FileError) {
    for (document, output) in documents {
      try output.write(document.footer)
      try output.finish()
    }
    documents = []
  }

  /// The files that captions are written to; none for standard output.
  static func paths(_ destination: Destination, fileCount: Int) -> [String] {
    switch destination {
    case .document(_, let path): path.map { [$0] } ?? []
    case .tree(let tree):
      (0..<fileCount).flatMap { index in tree.formats.map { tree.path(index, $0) } }
    }
  }
}
