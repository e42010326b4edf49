import MusicCaptioner

/// Where the sidecars of sounds belong, and which are there already.
struct SidecarPlan: Sendable {
  let sidecar: Sidecar
  /// Comes before each caption.
  let prefix: String
  /// Whether existing sidecars are replaced.
  let overwrites: Bool
  /// In messages; nil for that of the sounds.
  let folder: String?
  /// For each sound.
  private let stems: [String]
  private let lists: [(path: String, name: String)?]
  private let sounds: [String]

  /// - Parameter folder: Has the same tree of sidecars; beside the sounds if nil.
  init(
    _ sidecar: Sidecar, _ inputs: AudioInputs, folder: String?, prefix: String, overwrites: Bool
  ) throws(UsageError) {
    self.sidecar = sidecar
    self.prefix = prefix
    self.overwrites = overwrites
    self.folder = folder
    sounds = inputs.files.map(\.relativePath)
    if sounds.contains("-") {
      throw UsageError(
        "--sidecar", found: "standard input", expected: "files, whose names it takes")
    }
    if sidecar == .audiofolder, folder != nil {
      throw UsageError(
        "--sidecar audiofolder", found: "another folder for the output",
        expected: "none: datasets finds metadata.jsonl beside the sounds only")
    }
    if sidecar == .webdataset, folder == nil {
      throw UsageError(
        "--sidecar webdataset", found: "no --output-dir", expected: "a folder for the archives")
    }
    stems = sounds.indices.map { index in
      let name =
        folder.map { PathName.join($0, inputs.places[index]) } ?? inputs.files[index].relativePath
      return PathName.stem(name)
    }
    clashes = sidecar.endings.isEmpty ? [:] : Self.clashes(stems, sounds)
    lists = sounds.indices.map { index in
      guard let name = sidecar.listName else { return nil }
      return (PathName.join(folder ?? inputs.root(index), name), inputs.places[index])
    }
  }

  /// A sound's own files.
  func paths(_ index: Int) -> [String] { sidecar.endings.map { stems[index] + $0 } }

  /// The list that a sound belongs in, and the sound's name there.
  func list(_ index: Int) -> (path: String, name: String)? {
    guard let (path, place) = lists[index] else { return nil }
    // AudioCraft opens the sounds from wherever it is started.
    return sidecar == .audiocraft
      ? (path, PathName.url(sounds[index]).path) : (path, place)
  }

  /// All lists, each once.
  var listPaths: [String] {
    var seen: Set<String> = []
    return lists.compactMap { $0?.path }.filter { seen.insert($0).inserted }
  }

  /// Sounds that share a sidecar's name with an earlier one, with the earlier one's name.
  let clashes: [Int: String]

  private static func clashes(_ stems: [String], _ sounds: [String]) -> [Int: String] {
    var first: [String: Int] = [:]
    var clashes: [Int: String] = [:]
    for index in sounds.indices {
      if let other = first[stems[index]] {
        clashes[index] = sounds[other]
      } else {
        first[stems[index]] = index
      }
    }
    return clashes
  }

  /// Whether a sound has one of its own files already, which is to stay.
  func leavesOut(_ index: Int) -> Bool {
    !overwrites && paths(index).contains(where: PathName.exists)
  }
}
