import Foundation
import Testing

@testable import MusicCaptioner

/// Why `body` failed, `nil` where it didn't.
func checkpointFailure(_ body: () throws -> Void) throws -> CheckpointError.Reason? {
  do {
    try body()
    return nil
  } catch let error as CheckpointError {
    return error.reason
  }
}

/// Reads checkpoints from bytes.
func readCheckpoint(_ bytes: [UInt8]) throws -> NamedTensors {
  try withTemporaryFolder { folder in
    let url = folder.appending(path: "file")
    try Data(bytes).write(to: url)
    return try CheckpointFile.read(url)
  }
}

func fixtureBytes(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: Fixtures.url("checkpoints/\(name)")))
}

/// Little-endian bytes.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// A zip archive in the making, honest unless told to lie.
struct ArchiveBuilder {
  struct Entry {
    var name: String
    var content: [UInt8]
    var localName: String?
    var method: UInt16 = 0
    var flags: UInt16 = 0
    var checksum: UInt32?
    var claimedSize: UInt32?
    var claimedPackedSize: UInt32?
    /// Where the directory says that it starts; the place of an earlier entry makes them overlap.
    var claimedOffset: UInt32?
    var usesZip64 = false
  }

  var entries: [Entry]
  var claimedCount: UInt16?
  var usesZip64 = false
  var comment: [UInt8] = []

  init(_ entries: [Entry]) { self.entries = entries }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = UInt32(file.count)
      let checksum = entry.checksum ?? entry.content.withUnsafeBytes { CRC32.of($0) }
      let size = UInt32(entry.content.count)
      let name = Array(entry.name.utf8)
      let localName = Array((entry.localName ?? entry.name).utf8)
      let fields = littleEndian(entry.flags) + littleEndian(entry.method) + [0, 0, 0, 0]
      file += [0x50, 0x4b, 3, 4, 20, 0] + fields + littleEndian(checksum)
      file += littleEndian(size) + littleEndian(size) + littleEndian(UInt16(localName.count))
      file += [0, 0] + localName + entry.content
      var extra: [UInt8] = []
      var sizes = [entry.claimedSize ?? size, entry.claimedPackedSize ?? size]
      var start = entry.claimedOffset ?? offset
      if entry.usesZip64 {
        let wide = sizes + [start]
        extra = [1, 0, 24, 0] + wide.flatMap { littleEndian(UInt64($0)) }
        sizes = [.max, .max]
        start = .max
      }
      directory += [0x50, 0x4b, 1, 2, 20, 0, 20, 0] + fields + littleEndian(checksum)
      directory += littleEndian(sizes[1]) + littleEndian(sizes[0])
      directory += littleEndian(UInt16(name.count)) + littleEndian(UInt16(extra.count))
      directory += [UInt8](repeating: 0, count: 10) + littleEndian(start) + name + extra
    }
    let offset = file.count
    file += directory
    let count = claimedCount ?? UInt16(entries.count)
    if usesZip64 {
      let place = UInt64(file.count)
      file += [0x50, 0x4b, 6, 6] + littleEndian(UInt64(44)) + [45, 0, 45, 0]
      file += [UInt8](repeating: 0, count: 8) + littleEndian(UInt64(count))
      file += littleEndian(UInt64(count)) + littleEndian(UInt64(directory.count))
      file += littleEndian(UInt64(offset))
      file += [0x50, 0x4b, 6, 7, 0, 0, 0, 0] + littleEndian(place) + [1, 0, 0, 0]
    }
    file += [0x50, 0x4b, 5, 6, 0, 0, 0, 0]
    if usesZip64 {
      file += [UInt8](repeating: 0xff, count: 12)
    } else {
      file += littleEndian(count) + littleEndian(count)
      file += littleEndian(UInt32(directory.count)) + littleEndian(UInt32(offset))
    }
    return file + littleEndian(UInt16(comment.count)) + comment
  }
}

/// A `.pth` of one pickle and one storage of `floats`.
func torchArchive(_ pickle: [UInt8], floats: [Float] = []) -> [UInt8] {
  let storage = floats.flatMap { littleEndian($0.bitPattern) }
  return ArchiveBuilder([
    .init(name: "a/data.pkl", content: pickle), .init(name: "a/data/0", content: storage),
  ]).bytes
}

/// Pickles, put together by hand.
enum PickleBytes {
  static func text(_ text: String) -> [UInt8] {
    [UInt8(ascii: "X")] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  static func integer(_ value: Int) -> [UInt8] { [0x8a, 8] + littleEndian(value) }

  static func tuple(_ parts: [[UInt8]]) -> [UInt8] {
    [UInt8(ascii: "(")] + parts.flatMap { $0 } + [UInt8(ascii: "t")]
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  /// `{"state_dict": {"w": <value>}}`.
  static func stateDict(_ value: [UInt8]) -> [UInt8] {
    [0x80, 2] + Array("}".utf8) + text("state_dict") + Array("}".utf8) + text("w") + value
      + Array("ss.".utf8)
  }

  /// A call of `_rebuild_tensor_v2` on storage "0" of float32.
  static func tensor(
    storageCount: Int, offset: Int = 0, shape: [Int], strides: [Int]
  ) -> [UInt8] {
    let storage = tuple([
      text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"),
      integer(storageCount),
    ])
    let arguments = tuple([
      storage + Array("Q".utf8), integer(offset), tuple(shape.map(integer)),
      tuple(strides.map(integer)), [0x89], Array("N".utf8),
    ])
    return global("torch._utils", "_rebuild_tensor_v2") + arguments + Array("R".utf8)
  }
}

extension CheckpointError.Reason {
  /// Why the file can't be read or written, if that is the reason.
  var cause: FileError.Cause? {
    if case .file(let error) = self { error.cause } else { nil }
  }
}
