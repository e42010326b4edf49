import Foundation
import Testing

@testable import MusicCaptioner

/// Sizes that a small file asks for are judged before memory is taken.
@Suite struct ModelMemoryTests {
  @Test func theOfficialModelNeedsItsWeightsAndLittleMore() throws {
    let model = CaptionModel(ModelConfiguration())
    let weights = Double(4 * model.parameterCount)
    #expect(model.leastBytes > weights && model.leastBytes < 1.05 * weights)
    try model.checkMemory(limit: 1_000_000_000, source: "config.json")
  }

  @Test func sizesThatNoMachineHoldsAreRefused() throws {
    let changes: [(inout ModelConfiguration) -> Void] = [
      {
        $0.vocabularySize = 1 << 24; $0.width = 12 << 10
      },
      {
        $0.encoderLayerCount = 1_000; $0.encoderInnerWidth = 1 << 18
      },
      {
        $0.convolutionStrides = [1]; $0.maximumPositionCount = 1 << 20
      },
    ]
    for (index, change) in changes.enumerated() {
      var sizes = ModelConfiguration()
      change(&sizes)
      #expect(sizes.problems.isEmpty)
      let model = CaptionModel(sizes, frameCount: 60_001)
      let error = #expect(throws: ModelError.self, "\(index)") {
        try model.checkMemory(limit: 24_000_000_000, source: "config.json")
      }
      #expect(error?.description.contains("this machine has 24.0 GB") == true)
    }
  }

  @Test func aClipOfTooManyNumbersIsAnOptionError() {
    var options = AudioFeatureOptions()
    options.clipSeconds = 600
    #expect(options.problems.isEmpty)
    options.hopLength = 1
    #expect(options.problems.map(\.key) == ["clip_seconds", "fft_size"])
    options.clipSeconds = .infinity
    #expect(options.problems.map(\.key) == ["clip_seconds"])
  }

  @Test(.enabled(if: SharedData.has("faults/attack/giant")))
  func theGiantIsRefused() {
    #expect(throws: ModelError.self) {
      try ModelBundle(contentsOf: SharedData.url("faults/attack/giant"))
    }
  }

  @Test func weightsThatAreNotNumbersAreFoundInEveryPrecision() throws {
    for value in [Float.nan, .infinity, -.infinity] {
      try withTemporaryFolder { folder in
        let bundle = try TinyModel.bundle()
        let model = folder.appending(path: "model")
        try bundle.write(to: model)
        let weights = model.appending(path: "model.safetensors")
        var tensors = try CheckpointFile.read(weights)
        let name = try #require(tensors.names.first { $0.hasSuffix("fc1.weight") })
        let tensor = try #require(tensors[name])
        var values = tensor.values
        values[values.count / 2] = value
        tensors[name] = Tensor(tensor.shape, values)
        try tensors.write(to: weights)
        #expect(throws: CheckpointError(.notFinite(name), file: weights.path)) {
          try ModelBundle(contentsOf: model)
        }
      }
    }
  }
}
