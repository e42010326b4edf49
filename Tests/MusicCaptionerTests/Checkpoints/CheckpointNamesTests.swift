import Foundation
import Testing

@testable import MusicCaptioner

/// Checkpoints whose tensors go by other names than the model's, or lie in several files.
@Suite struct CheckpointNamesTests {
  private let plain = NamedTensors([
    ("a.weight", Tensor([2], [1, 2])), ("a.layers.0.bias", Tensor([1], [3])),
    ("b.weight", Tensor([2, 2], [4, 5, 6, 7])),
  ])

  private func renamed(_ tensors: NamedTensors, _ name: (String) -> String) -> NamedTensors {
    NamedTensors(tensors.entries.map { (name($0.name), $0.tensor) })
  }

  private func isSame(_ a: NamedTensors, _ b: NamedTensors) -> Bool {
    Set(a.names) == Set(b.names)
      && a.entries.allSatisfy { b[$0.name]?.isIdentical(to: $0.tensor) ?? false }
  }

  /// What is read of the tensors after they were written.
  private func read(_ tensors: NamedTensors) throws -> NamedTensors {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "x.safetensors")
      try tensors.write(to: url)
      return try CheckpointFile.read(url)
    }
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch {
      #expect(!"\(error)".contains("\n"))
      return "\(error)"
    }
  }

  @Test(arguments: [
    "module.*", "_orig_mod.*", "module._orig_mod.*", "_orig_mod.module.module.*",
    "_fsdp_wrapped_module._checkpoint_wrapped_module.*",
  ])
  func wrappersLeaveNoTrace(pattern: String) throws {
    let found = try read(renamed(plain) { pattern.replacing("*", with: $0) })
    #expect(isSame(found, plain))
  }

  @Test func wrappersOfPartsLeaveNoTrace() throws {
    let found = try read(
      renamed(plain) { $0.replacing("a.", with: "a._orig_mod.").replacing("0.", with: "0.module.") }
    )
    #expect(isSame(found, plain))
    let ending = NamedTensors([("a.module", Tensor([1], [1])), ("module", Tensor([1], [2]))])
    #expect(isSame(try read(ending), ending))
  }

  @Test func twoTensorsOfOneNameAreAnError() {
    var both = plain
    both["a.module.weight"] = Tensor([2], [0, 0])
    let found = message { _ = try read(both) }
    #expect(found.contains("'a.module.weight' and 'a.weight' are both 'a.weight'"), "\(found)")
  }

  @Test func tiedTensorsStoredOnceHaveAllTheirNames() throws {
    var tied = plain
    tied.metadata = ["c.weight": "b.weight", "format": "pt", "a.weight": "b.weight", "d": "none"]
    let found = try read(tied)
    #expect(found["c.weight"]?.values == [4, 5, 6, 7])
    #expect(found["a.weight"]?.values == [1, 2])
    #expect(found.count == 4)
  }

  @Test(arguments: [2, 4])
  func whatLiesBesideTheWeightsIsPassedOver(version: Int) throws {
    let found = try CheckpointFile.read(Fixtures.url("checkpoints/beside-\(version).pth"))
    #expect(found.names == ["a.weight"])
    #expect(found["a.weight"]?.values == [0, 1, 2, 3, 4, 5])
  }

  // MARK: Several files

  private func withShards(_ change: (URL) throws -> Void = { _ in }) throws -> NamedTensors {
    try withTemporaryFolder { folder in
      var (first, second) = (plain, plain)
      first["b.weight"] = nil
      second["a.weight"] = nil
      second["a.layers.0.bias"] = nil
      try first.write(to: folder.appending(path: "model-1.safetensors"))
      try second.write(to: folder.appending(path: "model-2.safetensors"))
      let index = """
        {"metadata": {"total_size": 28}, "weight_map": {"a.weight": "model-1.safetensors",
        "a.layers.0.bias": "model-1.safetensors", "b.weight": "model-2.safetensors"}}
        """
      try Data(index.utf8).write(to: folder.appending(path: "model.safetensors.index.json"))
      try change(folder)
      let url = try #require(try CheckpointFile.weights(in: folder))
      return try CheckpointFile.read(url)
    }
  }

  @Test func aModelInSeveralFilesIsRead() throws {
    #expect(isSame(try withShards(), plain))
  }

  @Test func aPartThatIsMissingOrAnotherIsNamed() throws {
    func found(_ change: (URL) throws -> Void) -> String { message { _ = try withShards(change) } }
    func index(_ map: String) -> String {
      found {
        try Data("{\"weight_map\": {\(map)}}".utf8)
          .write(to: $0.appending(path: "model.safetensors.index.json"))
      }
    }
    let missing = found {
      try FileManager.default.removeItem(at: $0.appending(path: "model-2.safetensors"))
    }
    #expect(missing.contains("model-2.safetensors: no such file"), "\(missing)")
    let doubled = found { try plain.write(to: $0.appending(path: "model-2.safetensors")) }
    #expect(doubled.contains("appears twice"), "\(doubled)")
    #expect(index(#""a": "model-1.safetensors""#).contains("'a' isn't in model-1.safetensors"))
    #expect(index(#""a": "../x""#).contains("expected the name of a file beside it"))
    #expect(index(#""a": 3"#).contains("found 3 for a"))
    #expect(
      index(#""a": "model.safetensors.index.json""#).contains("is neither safetensors nor"))
  }

  @Test func theWeightsOfAFolderAreFound() throws {
    func found(_ names: [String]) throws -> String? {
      try withTemporaryFolder { folder in
        for name in names { try Data().write(to: folder.appending(path: name)) }
        return try CheckpointFile.weights(in: folder)?.lastPathComponent
      }
    }
    #expect(try found(["a.pth", "model.safetensors", "pytorch_model.bin"]) == "model.safetensors")
    #expect(try found(["pytorch_model.bin", "training_args.bin"]) == "pytorch_model.bin")
    #expect(try found(["last.ckpt", "optimizer.pt", "config.json"]) == "last.ckpt")
    #expect(try found(["config.json"]) == nil)
    // macOS writes such files on disks of other systems.
    #expect(try found(["pytorch.pth", "._pytorch.pth", ".old.pt"]) == "pytorch.pth")
    let several = message { _ = try found(["b.pth", "a.pt"]) }
    #expect(several.contains("several files of weights (a.pt, b.pth)"), "\(several)")
    let parts = message {
      _ = try found(["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"])
    }
    #expect(parts.contains("without their index; add the .index.json file"))
  }

  // MARK: Pickles

  private func tensors(_ pickle: [UInt8]) throws -> NamedTensors {
    try readCheckpoint(torchArchive(pickle, floats: [0, 1, 2, 3, 4, 5]))
  }

  private func pickle(_ keys: [String]) -> [UInt8] {
    let weight = PickleBytes.tensor(storageCount: 6, shape: [6], strides: [1])
    let members = keys.map {
      PickleBytes.text($0) + Array("}".utf8) + PickleBytes.text("w") + weight + Array("ss".utf8)
    }
    return Array("}".utf8) + members.flatMap { $0 } + Array(".".utf8)
  }

  @Test func theOnlyDictionaryOfTensorsIsTheModel() throws {
    #expect(try tensors(pickle(["weights"]))["w"]?.count == 6)
    #expect(try tensors(pickle(["ema", "state_dict"]))["w"]?.count == 6)
    #expect(
      try checkpointFailure { _ = try tensors(pickle(["a", "b"])) }
        == .severalStateDicts(["a", "b"]))
  }

  /// A small file calls again and again on one large argument.
  @Test(arguments: ["set", "OrderedDict", "encode", "shape"])
  func whatIsCopiedIsBounded(kind: String) throws {
    let count = 100_000
    let (call, argument): ([UInt8], [UInt8]) =
      switch kind {
      case "set":
        (
          PickleBytes.global("builtins", "set"),
          Array("](".utf8) + [UInt8](repeating: 0x4e, count: count) + Array("e".utf8)
        )
      case "OrderedDict":
        (
          PickleBytes.global("collections", "OrderedDict"),
          Array("NN".utf8) + [0x86] + Array("q\u{2}0](".utf8)
            + [UInt8](repeatElement([0x68, 2], count: count).joined()) + Array("e".utf8)
        )
      case "encode":
        (
          PickleBytes.global("_codecs", "encode"),
          PickleBytes.text(String(repeating: "a", count: 20 * count))
        )
      default:
        (
          PickleBytes.global("torch._utils", "_rebuild_tensor_v2"),
          Array("(".utf8) + [UInt8](repeatElement([0x4b, 1], count: count).joined())
            + Array("t".utf8)
        )
      }
    let arguments: [UInt8] =
      switch kind {
      case "encode": [0x68, 1] + PickleBytes.text("latin1") + [0x86]
      case "shape":
        PickleBytes.tuple([
          PickleBytes.tuple([
            PickleBytes.text("storage"), PickleBytes.global("torch", "FloatStorage"),
            PickleBytes.text("0"), PickleBytes.text("cpu"), [0x4b, 6],
          ]) + Array("Q".utf8), [0x4b, 0], [0x68, 1], [0x68, 1],
        ])
      default: [0x68, 1, 0x85]
      }
    let calls = repeatElement([0x68, 0] + arguments + Array("R".utf8), count: 50).joined()
    let bomb = call + [0x71, 0] + argument + [0x71, 1] + calls + Array(".".utf8)
    guard
      case .badPickle(_, let problem)? = try checkpointFailure({
        _ = try Unpickler.read(bomb, path: "x.pth")
      })
    else {
      Issue.record("\(kind) was read")
      return
    }
    #expect(problem.contains("again and again"), "\(kind): \(problem)")
  }
}
