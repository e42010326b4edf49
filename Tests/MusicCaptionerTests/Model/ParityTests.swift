import Foundation
import Testing

@testable import MusicCaptioner

/// Against what the official PyTorch code computed. Tolerances are those of the fixture's README,
/// five times and more what float32 itself costs there.
@Suite(.enabled(if: ParityFixture.isThere))
struct ParityTests {
  private let fixture: ParityFixture

  init() throws { fixture = try ParityFixture.shared.get() }

  @Test(arguments: [("real", AudioFeatureOptions.Spectrum.realPart), ("power", .power)])
  func logMelEqualsTheOfficialOne(name: String, spectrum: AudioFeatureOptions.Spectrum) throws {
    let mels = try fixture.logMel(spectrum)
    let frames = fixture.golden.logmelFrames
    let (frameCount, melCount) = (mels.shape[1], mels.shape[2])
    let values = mels.values
    for chunk in 0..<mels.shape[0] {
      guard let expected = fixture.tensors["logmel_\(name).\(chunk)"]?.values else { continue }
      let peak = try #require(expected.max())
      var (sum, far, nearPeak) = (0.0, 0, 0.0)
      for mel in 0..<melCount {
        for (place, frame) in frames.enumerated() {
          let truth = expected[mel * frames.count + place]
          let error = abs(
            Double(values[(chunk * frameCount + frame) * melCount + mel]) - Double(truth))
          sum += error
          if error > 0.01 { far += 1 }
          if truth > peak - 60 { nearPeak = max(nearPeak, error) }
        }
      }
      #expect(nearPeak < 0.005, "\(name) \(chunk), within 60 dB of the peak")
      #expect(sum / Double(expected.count) < 1e-4, "\(name) \(chunk), on average")
      #expect(Double(far) < 0.001 * Double(expected.count), "\(name) \(chunk), anywhere")
    }
  }

  @Test(arguments: ["model.pth", "model.safetensors"])
  func everyStageOfTheForwardPassEqualsTheOfficialOne(weights: String) throws {
    let bundle = try ParityFixture.bundle(weights)
    #expect(bundle.audio.spectrum == .realPart)
    for (suffix, spectrum) in [("", AudioFeatureOptions.Spectrum.realPart), ("_power", .power)] {
      let mels = try fixture.logMel(spectrum)
      let conv = bundle.model.frontEnd(mels, in: .inference).positions.value
      #expect(largestDifference(conv, try fixture.tensor("conv_output" + suffix)) < 1e-3)
      let memory = bundle.model.encode(mels, in: .inference)
      let expected = try fixture.tensor("encoder_output" + suffix)
      #expect(largestDifference(memory.rows.value, expected) < 5e-4)
    }
  }

  @Test(arguments: ["model.pth", "model.safetensors"])
  func logitsEqualTheOfficialOnesWhereThereAreTokens(weights: String) throws {
    let bundle = try ParityFixture.bundle(weights)
    let memory = bundle.model.encode(try fixture.logMel(.realPart), in: .inference)
    let captions = fixture.captions(bundle.tokenizer)
    #expect(fixture.golden.teacherForced.chunkOfRow == Array(0..<captions.count))
    let (rows, targets) = bundle.model.hiddenStates(captions, memory: memory, in: .inference)
    let logits = bundle.model.logits(rows.value, in: .inference)
    // The goldens are padded to the longest caption; our rows follow each other without padding.
    let isKept = try fixture.tensor("decoder_attention_mask").values.map { $0 != 0 }
    let expected = try fixture.tensor("logits")
    let kept = isKept.indices.filter { isKept[$0] }
    let goldenTargets = try fixture.tensor("decoder_targets").values
    #expect(kept.map { Int(goldenTargets[$0]) } == targets)
    #expect(logits.rowCount == kept.count)
    let flat = expected.reshaped(to: [expected.rowCount, expected.width])
    for (row, place) in kept.enumerated() {
      let difference = largestDifference(logits.rows(row..<row + 1), flat.rows(place..<place + 1))
      #expect(difference < 2e-4, "row \(place)")
    }
  }

  @Test func lossEqualsTheOfficialOneWithAndWithoutSmoothing() throws {
    let bundle = try ParityFixture.bundle("model.pth")
    let memory = bundle.model.encode(try fixture.logMel(.realPart), in: .inference)
    for (name, smoothing) in [("loss", Float(0.1)), ("loss_no_smoothing", 0)] {
      let loss = bundle.model.captionLoss(
        fixture.captions(bundle.tokenizer), memory: memory, labelSmoothing: smoothing,
        in: .inference)
      let mean = loss.value.scalar / Float(tokenCount(bundle))
      #expect(abs(mean - (try fixture.tensor(name)).scalar) < 2e-5, "\(name)")
    }
  }

  /// The official loss is a mean over these.
  private func tokenCount(_ bundle: ModelBundle) -> Int {
    fixture.captions(bundle.tokenizer).reduce(0) { $0 + $1.count }
  }

  @Test func gradientsAndFiveStepsOfAdamWEqualTheOfficialOnes() throws {
    let bundle = try ParityFixture.bundle("model.safetensors")
    let mels = try fixture.logMel(.realPart)
    let captions = fixture.captions(bundle.tokenizer)
    let parameters = bundle.model.namedParameters
    let optimizer = AdamW(bundle.model)
    for step in 0...5 {
      let tape = Tape()
      let pass = ForwardPass.training(on: tape, random: nil)
      let loss = bundle.model.captionLoss(
        captions, memory: bundle.model.encode(mels, in: pass), labelSmoothing: 0.1, in: pass)
      let scale = 1 / Float(tokenCount(bundle))
      #expect(abs(Double(loss.value.scalar * scale) - fixture.golden.trainLosses[step]) < 1e-4)
      if step == 5 { break }
      tape.backward(from: loss, cotangent: Tensor(scalar: scale))
      if step == 0 { try checkGradients(parameters) }
      optimizer.takeStep(learningRate: 1e-4)
      if step == 0 { try checkUpdates(parameters, "adamw1", sure: 2e-6, unsure: 2.1e-4) }
      if step == 4 { try checkUpdates(parameters, "adamw5", sure: 1e-5, unsure: 1.05e-3) }
    }
  }

  private func checkGradients(_ parameters: [NamedParameter]) throws {
    var checked = 0
    for named in parameters {
      guard let expected = fixture.tensors["grad.\(named.name)"]?.values else { continue }
      let gradient = try #require(named.parameter.gradient, "\(named.name)")
      let found = try fixture.storedRows(named.name, of: gradient)
      try #require(found.count == expected.count, "\(named.name)")
      let largest = expected.map(abs).max() ?? 0
      let error = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
      #expect(error < 2e-4 * largest, "\(named.name)")
      checked += 1
    }
    #expect(checked == fixture.golden.paramRows.count)
  }

  private func checkUpdates(
    _ parameters: [NamedParameter], _ prefix: String, sure: Float, unsure: Float
  ) throws {
    var (count, near) = (0, 0)
    for named in parameters {
      guard let expected = fixture.tensors["\(prefix).\(named.name)"]?.values else { continue }
      let gradients = try fixture.tensor("grad.\(named.name)").values
      let found = try fixture.storedRows(named.name, of: named.parameter.value)
      var (worstSure, worstUnsure, worstUnused) = (Float(0), Float(0), Float(0))
      for ((value, truth), gradient) in zip(zip(found, expected), gradients) {
        let error = abs(value - truth)
        count += 1
        if error < 1e-5 { near += 1 }
        if gradient == 0 {
          worstUnused = max(worstUnused, error)
        } else if abs(gradient) > 1e-5 {
          worstSure = max(worstSure, error)
        } else {
          worstUnsure = max(worstUnsure, error)
        }
      }
      #expect(worstSure < sure, "\(prefix) of \(named.name)")
      #expect(worstUnsure < unsure, "\(prefix) of \(named.name), tiny gradients")
      #expect(worstUnused < 1e-6, "\(prefix) of \(named.name), gradients of 0")
    }
    #expect(count > 0 && Double(near) > 0.99 * Double(count))
  }
}
