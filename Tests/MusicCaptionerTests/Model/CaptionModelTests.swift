import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct CaptionModelTests {
  static var small: ModelConfiguration {
    var configuration = ModelConfiguration()
    configuration.vocabularySize = 30
    configuration.width = 16
    configuration.encoderLayerCount = 2
    configuration.decoderLayerCount = 2
    configuration.encoderHeadCount = 4
    configuration.decoderHeadCount = 4
    configuration.encoderInnerWidth = 24
    configuration.decoderInnerWidth = 24
    configuration.maximumPositionCount = 40
    return configuration
  }

  /// With everything that the official model lacks.
  static var extended: ModelConfiguration {
    var configuration = small
    configuration.normalizesBefore = true
    configuration.whitensInput = true
    configuration.summarizesClip = true
    configuration.convolutionStrides = [4, 2, 2, 2]
    configuration.convolutionWidths = [20, 18, 12]
    configuration.tagCount = 5
    return configuration
  }

  private func model(_ configuration: ModelConfiguration, seed: UInt64 = 1) -> CaptionModel {
    let model = CaptionModel(configuration, melCount: 8, frameCount: 101)
    model.initialize(seed: seed)
    return model
  }

  @Test func theOfficialModelHasTheOfficialSize() {
    let model = CaptionModel(ModelConfiguration())
    // facebook/bart-base without its encoder's token table copy, and the official front end: what
    // PyTorch counts as trained parameters of the official code, 148.6 M.
    #expect(model.parameterCount == 148_567_296)
    #expect(ModelConfiguration().positionCount(frames: 1_001) == 32)
  }

  @Test(arguments: [small, extended])
  func theWalkFindsEveryParameterOnce(_ configuration: ModelConfiguration) {
    let model = model(configuration)
    let walked = model.namedParameters
    var found: Set<ObjectIdentifier> = []
    collect(from: model, into: &found)
    #expect(Set(walked.map { ObjectIdentifier($0.parameter) }) == found)
    #expect(Set(walked.map(\.name)).count == walked.count)
    #expect(walked.count == found.count)
  }

  /// Every `Parameter` that can be reached through stored properties.
  private func collect(from value: Any, into found: inout Set<ObjectIdentifier>) {
    if let parameter = value as? Parameter {
      found.insert(ObjectIdentifier(parameter))
      return
    }
    for child in Mirror(reflecting: value).children { collect(from: child.value, into: &found) }
  }

  @Test func firstWeightsAreTheOfficialDistributions() {
    let model = CaptionModel(ModelConfiguration())
    let named = Dictionary(
      uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter) })
    func values(_ name: String) -> [Float] {
      named[name]?.initialize(seed: 5, name: name)
      return named[name]?.value.values ?? []
    }
    let linear = values("bart.model.encoder.layers.0.self_attn.q_proj.weight")
    let deviation = (linear.reduce(0) { $0 + $1 * $1 } / Float(linear.count)).squareRoot()
    #expect(abs(deviation - 0.02) < 1e-4)
    #expect(values("bart.model.encoder.layers.0.fc1.bias").allSatisfy { $0 == 0 })
    #expect(values("bart.model.encoder.layernorm_embedding.weight").allSatisfy { $0 == 1 })
    let convolution = values("audio_encoder.conv1.weight")
    let bound = 1 / Float(128 * 3).squareRoot()
    #expect(convolution.allSatisfy { abs($0) <= bound })
    #expect((convolution.max() ?? 0) > 0.99 * bound)
    #expect(values("audio_encoder.conv1.bias").contains { $0 != 0 })
  }

  @Test func thePaddingTokenStartsAndStaysAtZero() {
    let model = model(Self.small)
    #expect(model.embedding.weight.value.rows(1..<2).values.allSatisfy { $0 == 0 })
  }

  @Test func firstWeightsDependOnSeedAndNameAlone() {
    let (a, b, c) = (model(Self.small), model(Self.small), model(Self.small, seed: 2))
    for ((x, y), z) in zip(zip(a.namedParameters, b.namedParameters), c.namedParameters) {
      #expect(x.parameter.value.isIdentical(to: y.parameter.value), "\(x.name)")
      if x.name.hasSuffix("q_proj.weight") {
        #expect(!x.parameter.value.isIdentical(to: z.parameter.value), "\(x.name)")
      }
    }
  }

  @Test(arguments: [small, extended])
  func aTokenDoesNotSeeThoseAfterIt(_ configuration: ModelConfiguration) {
    let model = model(configuration)
    let memory = model.encode(randomTensor([1, 101, 8], seed: 3), in: .inference)
    let long = model.hiddenStates([[0, 5, 6, 7, 8, 2]], memory: memory, in: .inference)
    let short = model.hiddenStates([[0, 5, 6, 2]], memory: memory, in: .inference)
    // The input of position n is the token before it: three inputs are the same.
    let difference = largestDifference(
      long.rows.value.rows(0..<4), short.rows.value.rows(0..<4))
    #expect(difference < 1e-5)
  }

  @Test(arguments: [small, extended])
  func aClipIsWhatItIsWhateverItsBatch(_ configuration: ModelConfiguration) {
    let model = model(configuration)
    let clips = randomTensor([3, 101, 8], seed: 4)
    let together = model.encode(clips, in: .inference)
    for clip in 0..<3 {
      let alone = model.encode(clips.rows(clip..<clip + 1), in: .inference)
      let difference = largestDifference(
        alone.rows.value, together.rows.value.rows(together.layout[clip]))
      #expect(difference < 1e-5)
    }
  }

  @Test func decodingByStepsEqualsDecodingAtOnce() {
    for configuration in [Self.small, Self.extended] {
      let model = model(configuration)
      let memory = model.encode(randomTensor([2, 101, 8], seed: 5), in: .inference)
      let captions = [[0, 7, 8, 9, 2], [0, 11, 12, 13, 2]]
      let whole = model.hiddenStates(captions, memory: memory, in: .inference).rows.value
      var cache = model.decoder.cache(
        memory: memory.rows.value, layout: memory.layout, clips: [0, 1], in: .inference)
      for position in 0..<5 {
        let tokens = captions.map { position == 0 ? 2 : $0[position - 1] }
        let step = model.decoder(
          next: tokens, embedding: model.embedding, cache: &cache, in: .inference)
        for row in 0..<2 {
          let difference = largestDifference(
            step.rows(row..<row + 1), whole.rows(row * 5 + position..<row * 5 + position + 1))
          #expect(difference < 1e-5)
        }
      }
    }
  }

  @Test func everyTrainedParameterGetsAGradient() {
    for configuration in [Self.small, Self.extended] {
      let model = model(configuration)
      let tape = Tape()
      let pass = ForwardPass.training(on: tape, random: RandomSource(seed: 1, stream: "dropout"))
      let inputs = model.frontEnd(randomTensor([2, 101, 8], seed: 6), in: pass)
      let memory = model.encode(inputs, clipCount: 2, in: pass)
      var loss = model.captionLoss(
        [[0, 7, 8, 2], [0, 9, 2]], memory: memory, labelSmoothing: 0.1, in: pass)
      if let logits = model.tagLogits(inputs, memory: memory, clipCount: 2, in: pass) {
        loss = add(
          loss,
          tagLoss(
            logits, targets: Tensor(zeros: [2, 5]), weights: Tensor(repeating: 1, shape: [5])))
      }
      tape.backward(from: loss, cotangent: Tensor(scalar: 1))
      for named in model.namedParameters {
        #expect((named.parameter.gradient != nil) == named.parameter.isTrained, "\(named.name)")
      }
    }
  }

  @Test func impossibleSizesAreNamedWithWhatWasExpected() {
    var configuration = ModelConfiguration()
    configuration.encoderHeadCount = 7
    configuration.dropout = 1
    configuration.convolutionWidths = [5]
    let keys = configuration.problems.map(\.key)
    #expect(keys == ["encoder_attention_heads", "dropout", "conv_widths"])
    #expect(ModelConfiguration().problems.isEmpty)
  }
}
