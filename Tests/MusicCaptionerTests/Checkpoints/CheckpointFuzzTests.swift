import Foundation
import Testing

@testable import MusicCaptioner

/// Damaged files end in an error or in tensors: never in a trap, a hang or a huge allocation.
struct CheckpointFuzzTests {
  private static let files = ["types.pth", "views.pth", "types.safetensors", "hostile-4.pth"]

  /// Reads damaged copies; errors of any other type than ours fail the test.
  private func survive(_ copies: some Sequence<[UInt8]>) throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "file")
      for bytes in copies {
        try Data(bytes).write(to: url)
        do {
          let tensors = try CheckpointFile.read(url)
          #expect(tensors.elementCount < 1 << 20)
        } catch let error as CheckpointError {
          #expect(error.description.count < 1000)
        }
      }
    }
  }

  private func flipped(_ bytes: [UInt8], random: inout RandomSource) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.integer(below: 3) {
      let place = random.integer(below: bytes.count)
      switch random.integer(below: 4) {
      case 0: bytes[place] ^= 1 << random.integer(below: 8)
      case 1: bytes[place] = 0xff
      case 2: bytes.remove(at: place)
      default: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      }
    }
    return bytes
  }

  @Test(arguments: files)
  func everyTruncationIsSurvived(name: String) throws {
    let bytes = try fixtureBytes(name)
    try survive((0..<bytes.count).lazy.map { Array(bytes[..<$0]) })
    // And none of them is taken for whole.
    for count in [9, bytes.count / 2, bytes.count - 1] {
      #expect(throws: CheckpointError.self) { try readCheckpoint(Array(bytes[..<count])) }
    }
  }

  @Test(arguments: files)
  func randomDamageIsSurvived(name: String) throws {
    let seed: UInt64 = 11
    var random = RandomSource(seed: seed, stream: name)
    let bytes = try fixtureBytes(name)
    print("random damage to \(name): seed \(seed)")
    let copies = (0..<400).map { _ in flipped(bytes, random: &random) }
    try survive(copies)
  }

  /// The archive's checksum would keep most damage away from the pickle reader.
  @Test(arguments: ["types.pth", "parallel.pth", "views.pth", "protocol4.pth"])
  func damagedPicklesWithRightChecksumsAreSurvived(name: String) throws {
    let seed: UInt64 = 12
    var random = RandomSource(seed: seed, stream: name)
    print("damaged pickles of \(name): seed \(seed)")
    let archive = try ZipArchive(CheckpointBytes(Fixtures.url("checkpoints/\(name)")))
    var entries: [ArchiveBuilder.Entry] = []
    for entry in archive.entries.keys.sorted() {
      entries.append(
        .init(name: entry, content: try archive.file.bytes(archive.range(of: entry))))
    }
    let pickle = try #require(entries.firstIndex { $0.name.hasSuffix("/data.pkl") })
    let content = entries[pickle].content
    let copies = (0..<200).map { _ in
      entries[pickle].content = flipped(content, random: &random)
      return ArchiveBuilder(entries).bytes
    }
    try survive(copies)
    entries[pickle].content = content
    #expect(try readCheckpoint(ArchiveBuilder(entries).bytes).count > 0)
  }

  @Test func randomOpcodesAreSurvived() throws {
    let seed: UInt64 = 13
    var random = RandomSource(seed: seed, stream: "opcodes")
    print("random opcodes: seed \(seed)")
    let opcodes = Array("N()]}tlda esu012qhKM.RQbX".utf8) + [0x85, 0x86, 0x87, 0x88, 0x94]
    for _ in 0..<2000 {
      let pickle = (0..<40).map { _ in
        random.integer(below: 10) == 0
          ? UInt8(random.integer(below: 4)) : opcodes[random.integer(below: opcodes.count)]
      }
      _ = try checkpointFailure { _ = try Unpickler.read(pickle, path: "fuzz") }
    }
  }
}
