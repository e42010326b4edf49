import Foundation
import Testing

@testable import MusicCaptioner

struct TorchCheckpointTests {
  /// What the script beside the fixtures wrote down.
  private struct Expected: Decodable {
    let shape: [Int]
    let values: [String]

    var numbers: [Float] {
      values.map { text in
        switch text {
        case "inf": .infinity
        case "-inf": -.infinity
        case "nan": .nan
        default: Float(Double(text) ?? .signalingNaN)
        }
      }
    }
  }

  @Test(arguments: ["types.pth", "views.pth", "parallel.pth", "protocol4.pth", "types.safetensors"])
  func tensorsAreThoseThatTorchSaved(name: String) throws {
    let json = try Data(contentsOf: Fixtures.url("checkpoints/expected.json"))
    let all = try JSONDecoder().decode([String: [String: Expected]].self, from: json)
    let expected = try #require(all[name])
    let tensors = try CheckpointFile.read(Fixtures.url("checkpoints/\(name)"))
    #expect(Set(tensors.names) == Set(expected.keys))
    for (key, wanted) in expected {
      let found = try #require(tensors[key])
      #expect(found.shape == wanted.shape, "\(key)")
      let same = zip(found.values, wanted.numbers).allSatisfy {
        $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN)
      }
      #expect(same && found.count == wanted.values.count, "\(key)")
    }
  }

  @Test func integersAreKnownByName() throws {
    let types = try CheckpointFile.read(Fixtures.url("checkpoints/types.pth"))
    #expect(types.unread == ["steps": "I64", "mask": "BOOL", "small": "I8"])
    let parallel = try CheckpointFile.read(Fixtures.url("checkpoints/parallel.pth"))
    #expect(parallel.unread == ["norm.num_batches_tracked": "I64"])
    #expect(
      parallel.metadata == [
        "epoch": "3", "loss": "0.25", "name": "tiny", "big": "1099511627776", "negative": "-5",
      ])
  }

  @Test func whatIsntReadSaysHowToConvertIt() throws {
    func failure(_ bytes: [UInt8]) throws -> CheckpointError.Reason? {
      try checkpointFailure { _ = try readCheckpoint(bytes) }
    }
    let legacy = try failure(fixtureBytes("legacy.pth"))
    #expect(legacy == .notACheckpoint(.legacyTorchFile))
    let text = CheckpointError(try #require(legacy), file: "m.pth").description
    #expect(text.contains("torch.save(torch.load("))
    guard case .unsupportedEntry("a/data.pkl", _)? = try failure(fixtureBytes("deflated.pth"))
    else {
      Issue.record("a deflated archive was read")
      return
    }
    #expect(try failure([]) == .notACheckpoint(.emptyFile))
    #expect(try failure([0x80, 4, 0x4e, 0x2e]) == .notACheckpoint(.barePickle))
    #expect(try failure(Array("\n<!DOCTYPE html>".utf8)) == .notACheckpoint(.webPage))
    #expect(
      try failure(Array("version https://git-lfs.github.com/spec/v1\n".utf8))
        == .notACheckpoint(.gitLFSPointer))
    #expect(try failure(Array("RIFF....".utf8)) == .notACheckpoint(.unknown))
    let folder = FileManager.default.temporaryDirectory
    #expect(
      try checkpointFailure { _ = try CheckpointFile.read(folder) }?.cause == .isFolder)
    #expect(
      try checkpointFailure { _ = try CheckpointFile.read(folder.appending(path: "no/such")) }?
        .cause == .missing)
  }

  private func read(
    offset: Int = 0, shape: [Int], strides: [Int], storageCount: Int = 6
  ) throws -> NamedTensors {
    let tensor = PickleBytes.tensor(
      storageCount: storageCount, offset: offset, shape: shape, strides: strides)
    return try readCheckpoint(
      torchArchive(PickleBytes.stateDict(tensor), floats: [0, 1, 2, 3, 4, 5]))
  }

  @Test func viewsAreLaidOut() throws {
    #expect(try read(shape: [2, 3], strides: [3, 1])["w"]?.values == [0, 1, 2, 3, 4, 5])
    #expect(try read(shape: [3, 2], strides: [1, 3])["w"]?.values == [0, 3, 1, 4, 2, 5])
    #expect(try read(offset: 4, shape: [1, 2], strides: [77, 1])["w"]?.values == [4, 5])
    #expect(try read(offset: 2, shape: [2, 2], strides: [0, 1])["w"]?.values == [2, 3, 2, 3])
    #expect(try read(offset: 5, shape: [], strides: [])["w"]?.values == [5])
    #expect(try read(offset: 99, shape: [0], strides: [1])["w"]?.count == 0)
  }

  @Test func viewsBeyondTheirStorageAreRefused() throws {
    func failure(
      offset: Int = 0, _ shape: [Int], _ strides: [Int], storageCount: Int = 6
    ) throws -> CheckpointError.Reason? {
      try checkpointFailure {
        _ = try read(offset: offset, shape: shape, strides: strides, storageCount: storageCount)
      }
    }
    let outside: [(Int, [Int], [Int])] = [
      (1, [6], [1]), (0, [7], [1]), (6, [1], [1]), (0, [2], [6]), (0, [2, 2], [5, 1]),
      (0, [2], [.max]), (.max, [2], [.max]), (-1, [1], [1]), (0, [2], [-1]), (0, [2], []),
      (0, [4], [.max / 2]),
    ]
    for (offset, shape, strides) in outside {
      let reason = try failure(offset: offset, shape, strides)
      guard case .badTensor("w", _)? = reason else {
        Issue.record("\(offset) \(shape) \(strides): \(String(describing: reason))")
        continue
      }
    }
    // A terabyte from one element.
    guard case .badTensor("w", let problem)? = try failure([1 << 20, 1 << 18], [0, 0]) else {
      Issue.record("a huge view was made")
      return
    }
    #expect(problem.contains("larger than the file"))
    #expect(
      try failure([1 << 40, 1 << 40], [0, 0])
        == .impossibleShape(key: "w", shape: [1 << 40, 1 << 40]))
    #expect(try failure([-1], [1]) == .impossibleShape(key: "w", shape: [-1]))
    for storageCount in [5, 7, .max] {
      guard case .sizeMismatch("w", _, _, 24)? = try failure([1], [1], storageCount: storageCount)
      else {
        Issue.record("a storage of another size passed")
        continue
      }
    }
  }

  @Test func otherByteOrdersAreRefused() throws {
    let tensor = PickleBytes.tensor(storageCount: 1, shape: [1], strides: [1])
    let archive = ArchiveBuilder([
      .init(name: "a/data.pkl", content: PickleBytes.stateDict(tensor)),
      .init(name: "a/byteorder", content: Array("big".utf8)),
      .init(name: "a/data/0", content: [0, 0, 0, 0]),
    ])
    guard
      case .unsupportedEntry("a/byteorder", _)? = try checkpointFailure({
        _ = try readCheckpoint(archive.bytes)
      })
    else {
      Issue.record("a big-endian file was read")
      return
    }
  }

  @Test func keysThatBecomeTheSameAreRefused() throws {
    let tensor = PickleBytes.tensor(storageCount: 1, shape: [1], strides: [1])
    let pickle =
      Array("}".utf8) + PickleBytes.text("module.w") + tensor + Array("s".utf8)
      + PickleBytes.text("w") + tensor + Array("s.".utf8)
    let reason = try checkpointFailure { _ = try readCheckpoint(torchArchive(pickle, floats: [1])) }
    #expect(reason == .sameName("module.w", "w", "w"))
  }

  @Test func tiedViewsThatNeedACopyShareIt() throws {
    let tensor = PickleBytes.tensor(storageCount: 6, shape: [3, 2], strides: [1, 3])
    let pickle =
      Array("}".utf8) + PickleBytes.text("a") + tensor + Array("s".utf8) + PickleBytes.text("b")
      + tensor + Array("s.".utf8)
    let tensors = try readCheckpoint(torchArchive(pickle, floats: [0, 1, 2, 3, 4, 5]))
    #expect(tensors["a"]?.storage === tensors["b"]?.storage)
  }
}
