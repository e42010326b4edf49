import Foundation
import MusicCaptioner

/// Writes each song's sidecars when the song is described.
final class SidecarWriter: CaptionSink {
  private let plan: SidecarPlan
  private var lists: [String: SidecarList] = [:]
  /// The positions of the sounds that are described, in order.
  private let sounds: [(index: Int, path: String)]
  private var position = 0
  private var song: SongDescription?
  private var folders: Set<String> = []
  private(set) var count = 0

  private init(
    _ plan: SidecarPlan, _ lists: [String: SidecarList], sounds: [(index: Int, path: String)]
  ) {
    self.plan = plan
    self.lists = lists
    self.sounds = sounds
  }

  /// Opens the lists, and finds what is there already.
  ///
  /// - Returns: The writer, and the positions of the sounds that are left out.
  static func open(
    _ plan: SidecarPlan, _ paths: [String]
  ) throws -> (writer: SidecarWriter, done: Set<Int>) {
    if let folder = plan.folder { try Folders.create(folder) }
    var lists: [String: SidecarList] = [:]
    let key = plan.sidecar == .audiocraft ? "path" : "file_name"
    for path in plan.listPaths {
      try Folders.create(PathName.folder(path))
      let dropped =
        plan.overwrites
        ? Set(paths.indices.compactMap { plan.list($0)?.path == path ? plan.list($0)?.name : nil })
        : []
      lists[path] = try SidecarList(path, key: key, dropped: dropped, replaces: plan.overwrites)
    }
    let done = Set(
      paths.indices.filter { index in
        if plan.clashes[index] != nil || plan.leavesOut(index) { return true }
        guard plan.sidecar.endings.isEmpty, let (list, name) = plan.list(index) else {
          return false
        }
        return lists[list]?.names.contains(name) == true
      })
    let sounds = paths.indices.filter { !done.contains($0) }.map { ($0, paths[$0]) }
    return (SidecarWriter(plan, lists, sounds: sounds), done)
  }

  var writesFiles: Bool { true }

  func add(_ caption: Caption) {}
  func add(_ song: SongDescription) { self.song = song }

  func endAudio(isComplete: Bool) throws(FileError) {
    defer {
      position += 1
      song = nil
    }
    guard isComplete, let song else { return }
    let (index, path) = sounds[position]
    let sampleRate = (try? AudioFile(PathName.url(path)))?.sampleRate ?? 0
    // First the list: what is in it and has no file of its own is done again.
    if let (list, name) = plan.list(index),
      let line = plan.sidecar.line(song, prefix: plan.prefix, path: name, sampleRate: sampleRate)
    {
      try lists[list]?.add(line, name: name)
    }
    let contents = plan.sidecar.contents(
      song, prefix: plan.prefix, sound: (sampleRate, PathName.ending(path)))
    for (path, content) in zip(plan.paths(index), contents) {
      try prepare(PathName.folder(path))
      let output = try CaptionOutput(path, isOneOfMany: true)
      try output.write(content)
      try output.finish()
    }
    count += 1
  }

  private func prepare(_ folder: String) throws(FileError) {
    guard !folders.contains(folder) else { return }
    try Folders.create(folder)
    TemporaryFiles.removeLeftovers(in: PathName.url(folder))
    folders.insert(folder)
  }

  func abandonAudio() { song = nil }
  func finish(keepsEmpty: Bool) { song = nil }
}
