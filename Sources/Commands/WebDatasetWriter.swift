import Foundation
import MusicCaptioner

/// Songs in shards for WebDataset: tar archives with a sound and a JSON object for each song, under the same number.
///
/// Each song is appended when it is described, and a shard that ends after any song is an archive that readers take: a killed
/// process costs the song in work.
final class WebDatasetWriter: CaptionSink {
  /// Sounds to describe, by their positions among all.
  private let sounds: [String]
  private let folder: String
  private let prefix: String
  private var shard: Int
  /// Of the last shard, in bytes.
  private var size: Int
  private var nextNumber: Int
  private var position = 0
  private var song: SongDescription?
  private let lock: FileLock
  private(set) var count = 0

  /// A shard that has so much is followed by another, in bytes.
  private static let fullSize = 1 << 30

  private static func path(_ folder: String, _ shard: Int) -> String {
    let digits = "\(shard)"
    return PathName.join(
      folder, "shard-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".tar")
  }

  /// Reads the shards that are there, and cuts off what a killed process left incomplete.
  ///
  /// - Returns: The writer, and the positions of the sounds that are in the shards.
  static func open(
    _ folder: String, _ paths: [String], prefix: String
  ) throws -> (writer: WebDatasetWriter, done: Set<Int>) {
    try Folders.create(folder)
    let lock = try SidecarList.lock(path(folder, 0))
    var known: Set<String> = []
    var (shard, size, number) = (0, 0, 0)
    while PathName.exists(path(folder, shard)) {
      let found = try WebDatasetShard(path(folder, shard))
      if found.completeSize < found.size {
        try WebDatasetShard.cut(path(folder, shard), to: found.completeSize)
      }
      known.formUnion(found.sounds)
      (size, number) = (found.completeSize, number + found.sounds.count)
      shard += 1
    }
    let done = Set(paths.indices.filter { known.contains(paths[$0]) })
    let writer = WebDatasetWriter(
      paths.indices.filter { !done.contains($0) }.map { paths[$0] }, folder, prefix, lock,
      shard: max(0, shard - 1), size: size, nextNumber: number)
    return (writer, done)
  }

  private init(
    _ sounds: [String], _ folder: String, _ prefix: String, _ lock: FileLock, shard: Int, size: Int,
    nextNumber: Int
  ) {
    (self.sounds, self.folder, self.prefix, self.lock) = (sounds, folder, prefix, lock)
    (self.shard, self.size, self.nextNumber) = (shard, size, nextNumber)
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
    let sound = sounds[position]
    let digits = "\(nextNumber)"
    let key = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    var fields = song.fields()
    fields["caption"] = .text(Sidecar.joined(prefix, song.caption))
    let ending = PathName.ending(sound)
    let name = "\(key).\(ending.utf8.count > 8 || ending.isEmpty ? "audio" : ending)"
    let source = try FileBlocks(PathName.url(sound), name: sound)
    guard source.status.size < TarHeader.sizeLimit else {
      throw FileError(.tooLarge(line: 1, limit: "sounds below 8 GiB"), .read, sound)
    }
    if size > 0 && size + source.status.size > Self.fullSize { (shard, size) = (shard + 1, 0) }
    let complete = size
    do throws(FileError) {
      // The object first: a sound without one would be nobody's.
      let object = Array((fields.line + "\n").utf8)
      let header = TarHeader(name: "\(key).json", size: object.count)
      try append(header.bytes + object + header.padding)
      try append(source, as: TarHeader(name: name, size: source.status.size))
    } catch {
      // Nothing could be found behind half a song.
      try WebDatasetShard.cut(Self.path(folder, shard), to: complete)
      size = complete
      throw error
    }
    (nextNumber, count) = (nextNumber + 1, count + 1)
  }

  private func append(_ source: FileBlocks, as header: TarHeader) throws(FileError) {
    try append(header.bytes)
    var left = header.size
    while left > 0 {
      let block = try source.bytes(min(left, 4 << 20))
      guard !block.isEmpty else {
        throw FileError(
          .cutShort(expectedBytes: header.size, foundBytes: header.size - left), .read, source.name)
      }
      try append(block)
      left -= block.count
    }
    try append(header.padding)
  }

  private func append(_ bytes: [UInt8]) throws(FileError) {
    try AppendOnlyFile(url: PathName.url(Self.path(folder, shard))).append(bytes)
    size += bytes.count
  }

  func abandonAudio() { song = nil }

  func finish(keepsEmpty: Bool) {
    song = nil
    // Made for the lock only, or for a song that failed: no reader takes an empty archive.
    if size == 0 { FileNames.remove(Self.path(folder, shard)) }
  }
}

/// What a shard holds.
private struct WebDatasetShard {
  let path: String
  let size: Int
  /// Up to the end of the last song that is whole, in bytes.
  private(set) var completeSize = 0
  private(set) var sounds: [String] = []

  init(_ path: String) throws(FileError) {
    self.path = path
    let file = try FileBlocks(PathName.url(path), name: path)
    size = file.status.size
    var offset = 0
    var pending: String?
    while let header = TarHeader(try file.bytes(TarHeader.blockSize, at: offset)) {
      let end = offset + TarHeader.blockSize + header.paddedSize
      guard end <= size else { break }
      if let sound = pending {
        sounds.append(sound)
        (pending, completeSize) = (nil, end)
      } else {
        let json = try file.bytes(header.size, at: offset + TarHeader.blockSize)
        guard case .text(let sound)? = try? JSONReader.document(json, name: path)["audio"] else {
          throw FileError(
            .value(place: "", found: "no shard that caption wrote", expected: "one, or none"),
            .write,
            path)
        }
        pending = sound
      }
      offset = end
    }
    guard completeSize > 0 || size == 0 else {
      throw FileError(
        .value(place: "", found: "no shard that caption wrote", expected: "one, or none"), .write,
        path)
    }
  }

  static func cut(_ path: String, to size: Int) throws(FileError) {
    try FileError.wrapping(.write, path) { () throws(SystemFailure) in
      let file = try OpenFile(opening: path, for: .readingAndAppending)
      try file.use { (file) throws(SystemFailure) in try file.truncate(to: size) }
    }
  }
}
