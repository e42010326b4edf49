import Foundation

/// The tracks of one or more sources, ready to draw from.
package struct TrackSet: Sendable {
  /// The range of a source's tracks, and how they are drawn.
  struct Source: Sendable {
    let range: Range<Int>
    let sampling: SamplingMode
    /// The kinds of captions to use, preferred first; empty if any will do.
    let kinds: [CaptionKind]
  }

  let table: TrackTable
  let sources: [Source]
  /// Warnings about what was left out.
  package let warnings: [DataWarning]

  package var count: Int { table.count }

  /// The track at a position, `0..<count`.
  package subscript(_ index: Int) -> Track { table[index] }

  init(table: TrackTable, sources: [Source], warnings: [DataWarning]) {
    self.table = table
    self.sources = sources
    self.warnings = warnings
  }

  /// Tracks in memory: samples and sentences.
  ///
  /// - Throws: An error if there are none, or one has no caption.
  package init(_ tracks: [Track], sampling: SamplingMode = .uniform) throws(DataError) {
    guard !tracks.isEmpty else { throw DataError(.noSources, file: "") }
    var table = TrackTable()
    for track in tracks {
      guard !track.captions.isEmpty else {
        throw DataError(.noCaptions(asked: CaptionKind.allNames, found: []), file: track.id)
      }
      guard table.append(track) else { throw Self.full(file: track.id) }
    }
    if sampling == .balanced, table.tagNames.isEmpty {
      throw DataError(.noTags, file: "")
    }
    let source = Source(range: 0..<table.count, sampling: sampling, kinds: [])
    self.init(table: table, sources: [source], warnings: [])
  }

  /// Reads the sources of a configuration.
  ///
  /// - Parameter folder: The base of relative paths: the configuration file's folder.
  /// - Throws: The first error in a table, or an error if a source has nothing left to use.
  package init(_ options: [DatasetOptions], relativeTo folder: URL) throws(DataError) {
    guard !options.isEmpty else { throw DataError(.noSources, file: "") }
    var table = TrackTable()
    var sources: [Source] = []
    var warnings: [DataWarning] = []
    for option in options {
      let first = table.count
      var reader = try SourceReader(option, folder: folder)
      try reader.read(into: &table)
      warnings += try reader.finish()
      let range = first..<table.count
      if option.sampling == .balanced, range.allSatisfy({ table.tags($0).isEmpty }) {
        throw DataError(.noTags, file: option.manifest)
      }
      sources.append(Source(range: range, sampling: option.sampling, kinds: option.captions))
    }
    self.init(table: table, sources: sources, warnings: warnings)
  }

  /// Calls `body` with every caption, for learning a tokenizer.
  package func forEachCaption(_ body: (String) -> Void) {
    for index in 0..<count {
      for caption in table.captionIndices(index) { body(table.captionText(caption)) }
    }
  }

  /// The captions of a track for validation and scoring: those of the kind that its source prefers,
  /// or else of the next kind.
  package func references(_ index: Int) -> [String] {
    let kinds = sources.first { $0.range.contains(index) }?.kinds ?? []
    let order = kinds.isEmpty ? CaptionKind.allCases : kinds
    let indices = table.captionIndices(index)
    var result: [String] = []
    func append(where isWanted: (CaptionKind) -> Bool) {
      for caption in indices where isWanted(table.captionKind(caption)) {
        let text = table.captionText(caption)
        if !result.contains(text) { result.append(text) }
      }
    }
    for kind in order {
      append { $0 == kind }
      append { $0.answers(kind) }
    }
    return result
  }

  static func full(file: String) -> DataError {
    DataError(.tooLarge("\(DataLimits.tracks) tracks at most"), file: file)
  }
}

extension CaptionKind {
  static var allNames: [String] { allCases.map(\.rawValue) }

  /// Whether a caption of this kind matches the requested kind. A human caption is called `caption`
  /// in one format and `ground_truth` in another.
  func answers(_ asked: CaptionKind) -> Bool {
    let human: Set<CaptionKind> = [.caption, .groundTruth]
    return self == asked || human.contains(self) && human.contains(asked)
  }
}
