import Foundation
import Testing

@testable import MusicCaptioner

/// Models that other programs saved: in a larger module, with one name for tied weights, by Hugging Face's names.
@Suite struct WrappedModelTests {
  private let bundle: ModelBundle

  init() throws { bundle = try TinyModel.bundle() }

  /// The model with tensors changed, as it is read again.
  private func read(_ change: (NamedTensors) -> NamedTensors) throws -> ModelBundle {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "model")
      try bundle.write(to: url)
      try change(bundle.model.namedTensors).write(to: url.appending(path: "model.safetensors"))
      return try ModelBundle(contentsOf: url)
    }
  }

  private func expectSame(_ other: ModelBundle, _ comment: Comment = "") {
    let (found, expected) = (other.model.namedTensors, bundle.model.namedTensors)
    #expect(found.names == expected.names, comment)
    for (name, tensor) in expected.entries {
      #expect(found[name]?.isIdentical(to: tensor) == true, "\(name)")
    }
  }

  private func renamed(_ tensors: NamedTensors, _ name: (String) -> String) -> NamedTensors {
    NamedTensors(tensors.entries.map { (name($0.name), $0.tensor) })
  }

  @Test func aModelInALargerModuleIsRead() throws {
    expectSame(try read { renamed($0) { "model.\($0)" } })
    expectSame(try read { renamed($0) { "net.model._orig_mod.\($0)" } })
  }

  @Test func severalModelsInOneFileAreAnError() throws {
    let error = #expect(throws: CheckpointError.self) {
      try read { tensors in
        var both = renamed(tensors) { "model.\($0)" }
        for (name, tensor) in tensors.entries { both["ema.\(name)"] = tensor }
        return both
      }
    }
    #expect(error?.description.contains("several models, under 'ema.', 'model.'") == true)
  }

  @Test func whatTheLargerModuleHasBesideTheModelIsReported() throws {
    let error = #expect(throws: CheckpointError.self) {
      try read { tensors in
        var more = renamed(tensors) { "model.\($0)" }
        more["adapter.weight"] = Tensor(zeros: [1])
        return more
      }
    }
    #expect(error?.description.contains("1 unexpected (adapter.weight)") == true)
  }

  @Test(arguments: [
    "bart.lm_head.weight", "bart.model.encoder.embed_tokens.weight",
    "bart.model.decoder.embed_tokens.weight",
  ])
  func theTableIsFoundUnderAnyOfItsNames(name: String) throws {
    expectSame(
      try read { renamed($0) { $0 == "bart.model.shared.weight" ? name : $0 } }, "\(name)")
  }

  @Test(
    .enabled(if: SharedData.has("faults/checkpoints")),
    arguments: ["save_model", "module_prefix", "module_prefix_pth", "orig_mod", "numpy_scalar"])
  func savedModelsAreThePlainOne(name: String) throws {
    let folder = SharedData.url("faults/checkpoints")
    let expected = try ModelBundle(contentsOf: folder.appending(path: "plain")).model.namedTensors
    let found = try ModelBundle(contentsOf: folder.appending(path: name)).model.namedTensors
    #expect(found.names == expected.names)
    for (name, tensor) in expected.entries {
      #expect(found[name]?.isIdentical(to: tensor) == true, "\(name)")
    }
  }
}
