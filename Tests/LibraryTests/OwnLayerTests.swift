import Foundation
import MusicCaptioner
import Testing

/// A head that estimates a number, such as the tempo, from what the encoder heard.
struct NumberHead: Layer {
  let hidden: Linear
  let output: Linear

  init(width: Int) {
    hidden = Linear(from: width, to: 32, std: 0.1)
    output = Linear(from: 32, to: 1, std: 0.1)
  }

  /// `[clips, width]` → `[clips, 1]`
  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    output(gelu(hidden(x, in: pass)), in: pass)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("hidden", hidden)
    visit("output", output)
  }
}

/// The mean squared error: an operation of one's own, with its gradient.
func meanSquaredError(_ y: Variable, _ targets: [Float]) -> Variable {
  let errors = zip(y.value.values, targets).map { $0 - $1 }
  let count = Float(errors.count)
  let loss = Tensor(scalar: errors.reduce(0) { $0 + $1 * $1 } / count)
  return Variable(loss, from: [y]) { gradient in
    [Tensor(y.shape, errors.map { gradient.scalar * 2 * $0 / count })]
  }
}

/// A layer and a loss of one's own, on top of a caption model: `Docs/Library.md` shows them.
@Suite struct OwnLayerTests {
  private func learn(
    _ model: CaptionModel, _ logMel: Tensor, _ targets: [Float], stepCount: Int
  ) throws -> [Float] {
    let head = NumberHead(width: model.configuration.width)
    head.initialize(seed: 1)
    let optimizers = [AdamW(model), AdamW(head)]
    return try (0..<stepCount).map { _ in
      let tape = Tape()
      let pass = ForwardPass.training(on: tape, random: nil)
      let heard = try model.encoderOutput(logMel, in: pass)
      let layout = SequenceLayout(count: targets.count, length: heard.shape[0] / targets.count)
      let estimates = head(meanOverTime(heard, layout: layout), in: pass)
      let loss = meanSquaredError(estimates, targets)
      tape.backward(from: loss)
      for optimizer in optimizers { optimizer.takeStep(learningRate: 3e-3) }
      return loss.value.scalar
    }
  }

  @Test func aHeadOfOnesOwnTrainsTheModelThroughItsOwnLoss() throws {
    let bundle = try TinyModel.bundle()
    let clips = try [100, 800, 2_000, 5_000].map { (pitch: Float) in
      try AudioClip(
        samples: (0..<16_000).map { 0.5 * sin(2 * .pi * pitch * Float($0) / 16_000) },
        sampleRate: 16_000)
    }
    let logMel = Tensor(concatenating: try clips.map { try bundle.logMel(of: $0) })
    let before = try bundle.encoderOutput(logMel).values
    let losses = try learn(bundle.model, logMel, [0.1, 0.8, 2, 5], stepCount: 120)
    let (first, last) = (try #require(losses.first), try #require(losses.last))
    #expect(last < first / 20, "\(losses)")
    let after = try bundle.encoderOutput(logMel).values
    #expect(after != before, "the encoder has learned nothing")
  }

  /// The gradient that the loss claims, against differences of the loss itself.
  @Test func theGradientOfTheLossIsItsSlope() {
    let targets: [Float] = [1, -2, 0.5]
    let parameter = Parameter([3, 1], .constant(0))
    parameter.value = Tensor([3, 1], [0.3, 0.4, -0.2])
    let tape = Tape()
    let loss = meanSquaredError(ForwardPass.training(on: tape, random: nil)(parameter), targets)
    tape.backward(from: loss)
    let gradient = parameter.gradient?.values ?? []
    #expect(gradient.count == 3)
    for (index, found) in gradient.enumerated() {
      func loss(_ change: Float) -> Float {
        var values = parameter.value.values
        values[index] += change
        return meanSquaredError(Variable(Tensor([3, 1], values)), targets).value.scalar
      }
      let slope = (loss(1e-2) - loss(-1e-2)) / 2e-2
      #expect(abs(slope - found) < 1e-3, "\(index)")
    }
  }
}
