import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// `initialize: PATH`: what a run starts from.
@Suite struct InitializeTests {
  /// The model that a run with these tracks would begin with.
  private func begin(_ path: URL, tokenizer: URL? = nil, tagCount: Int = 0) throws -> ModelBundle {
    var configuration = try TinyRun.configuration("training.tag_loss_weight=0")
    configuration.initialize = path.path
    configuration.tokenizer.path = tokenizer?.path
    configuration.data.tagCount = tagCount
    return try TinyRun.prepared(configuration).bundle
  }

  private func expectSame(_ found: ModelBundle, _ expected: ModelBundle) {
    let (found, expected) = (found.model.namedTensors, expected.model.namedTensors)
    #expect(found.names == expected.names)
    for (name, tensor) in expected.entries {
      #expect(found[name]?.isIdentical(to: tensor) == true, "\(name)")
    }
  }

  @Test func aFolderAndASafetensorsAndAPthAreTakenAsTheyAre() throws {
    try withTemporaryFolder { folder in
      let given = try TinyModel.bundle()
      let model = folder.appending(path: "model")
      try given.write(to: model)
      let expected = try ModelBundle(contentsOf: model)
      expectSame(expected, given)
      for name in ["model", "model/model.safetensors"] {
        let found = try begin(folder.appending(path: name))
        expectSame(found, expected)
        #expect(found.audio == given.audio && found.model.configuration.width == 16)
      }
      let checkpoint = model.appending(path: "weights.pth")
      try Data(TorchFile(given.model.namedTensors).bytes).write(to: checkpoint)
      expectSame(try begin(checkpoint), expected)
    }
  }

  @Test func aTokenizerOfAnotherSizeIsAClearError() throws {
    try withTemporaryFolder { folder in
      try TinyModel.bundle().write(to: folder)
      for path in [folder, folder.appending(path: "model.safetensors")] {
        let error = #expect(throws: ModelError.self) {
          try begin(path, tokenizer: Fixtures.url("tokenizer"))
        }
        guard case .vocabularyMismatch? = error?.reason else {
          Issue.record("\(String(describing: error))")
          continue
        }
        #expect(error?.description.contains("tokenizer that the model was trained with") == true)
        #expect(error.map(ExitStatus.init) == .badData)
      }
      for name in ["tokenizer.json", "vocab.json"] {
        try FileManager.default.removeItem(at: folder.appending(path: name))
      }
      let error = #expect(throws: ModelError.self) { try begin(folder) }
      #expect(error?.reason == .noTokenizer)
      #expect(error.map(ExitStatus.init) == .missingInput)
      let missing = #expect(throws: ModelError.self) { try begin(folder.appending(path: "none")) }
      #expect(missing.map(ExitStatus.init) == .missingInput)
    }
  }

  @Test func aNewTagHeadLeavesTheRestAlone() throws {
    try withTemporaryFolder { folder in
      let given = try TinyModel.bundle()
      try given.write(to: folder)
      let found = try begin(folder, tagCount: 3)
      #expect(found.model.configuration.tagCount == 3)
      let tensors = found.model.namedTensors
      #expect(tensors["tag_head.weight"]?.shape == [3, 16])
      for (name, tensor) in given.model.namedTensors.entries {
        #expect(tensors[name]?.isIdentical(to: tensor) == true, "\(name)")
      }
    }
  }

  @Test func aRunFromAModelLearnsFromItsFirstStep() throws {
    try withTemporaryFolder { folder in
      let model = folder.appending(path: "model")
      try TinyModel.bundle().write(to: model)
      let configuration = try TinyRun.configuration(
        "training.tag_loss_weight=0", "data.tag_count=0", "initialize=\(model.path)",
        "training.maximum_steps=3", "training.warmup_epochs=0", "training.learning_rate=3e-3",
        "audio.sample_rate=16000")
      let events = TrainingEvents()
      _ = try TinyRun.trainer(
        configuration, output: folder.appending(path: "run"), events: events
      ).train()
      #expect(events.losses.count == 3 && events.losses[2] < events.losses[0])
    }
  }

  @Test(.enabled(if: SharedData.has("parity/tiny-a")), arguments: ["pth", "safetensors"])
  func theOfficialFilesAreTakenAsTheyAre(kind: String) throws {
    let url = SharedData.url("parity/tiny-a/model.\(kind)")
    let tokenizer = SharedData.url("parity/tiny-a/tokenizer")
    let found = try begin(url, tokenizer: tokenizer)
    expectSame(found, try ModelBundle(contentsOf: url, tokenizer: tokenizer))
    #expect(found.audio.spectrum == .realPart)
  }
}

/// A `.pth` as `torch.save` writes a state_dict, with `module.` before each name.
private struct TorchFile {
  var bytes: [UInt8]

  init(_ tensors: NamedTensors) {
    var pickle: [UInt8] = [0x80, 2, 0x7d, 0x28]  // PROTO 2, EMPTY_DICT, MARK
    var storages: [ArchiveBuilder.Entry] = []
    for (index, (name, tensor)) in tensors.entries.enumerated() {
      pickle += Self.string("module." + name)
      pickle += Self.global("torch._utils", "_rebuild_tensor_v2") + [0x28]
      pickle += [0x28] + Self.string("storage") + Self.global("torch", "FloatStorage")
      pickle += Self.string("\(index)") + Self.string("cpu") + Self.integer(tensor.count)
      pickle += [0x74, 0x51]  // TUPLE, BINPERSID
      pickle += Self.integer(0) + Self.tuple(tensor.shape) + Self.tuple(Self.strides(tensor.shape))
      pickle += [0x89] + Self.global("collections", "OrderedDict") + [0x29, 0x52]  // False … ()
      pickle += [0x74, 0x52]  // TUPLE, REDUCE
      let content = tensor.values.flatMap { littleEndian($0.bitPattern) }
      storages.append(.init(name: "archive/data/\(index)", content: content))
    }
    pickle += [0x75, 0x2e]  // SETITEMS, STOP
    bytes =
      ArchiveBuilder(
        [
          .init(name: "archive/data.pkl", content: pickle),
          .init(name: "archive/byteorder", content: Array("little".utf8)),
        ] + storages + [.init(name: "archive/version", content: Array("3\n".utf8))]
      ).bytes
  }

  private static func strides(_ shape: Shape) -> [Int] {
    shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
  }

  private static func string(_ text: String) -> [UInt8] {
    [0x58] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  private static func global(_ module: String, _ name: String) -> [UInt8] {
    [0x63] + Array("\(module)\n\(name)\n".utf8)
  }

  private static func integer(_ value: Int) -> [UInt8] { [0x4a] + littleEndian(Int32(value)) }

  private static func tuple(_ values: [Int]) -> [UInt8] {
    [0x28] + values.flatMap(integer) + [0x74]
  }
}
