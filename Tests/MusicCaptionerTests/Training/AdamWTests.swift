import Foundation
import Testing

@testable import MusicCaptioner

/// Twenty steps beside the formula of `torch.optim.AdamW` in float64.
@Suite struct AdamWTests {
  /// One parameter's course in float64.
  private struct Reference {
    var value: [Double]
    var first: [Double]
    var second: [Double]
    var step = 0
    let decay: Double

    init(_ value: [Float], decay: Double) {
      self.value = value.map(Double.init)
      first = value.map { _ in 0 }
      second = first
      self.decay = decay
    }

    mutating func take(_ gradient: [Float], rate: Double, scale: Double, _ options: AdamW.Options) {
      step += 1
      let correction1 = 1 - pow(options.beta1, Double(step))
      let correction2 = 1 - pow(options.beta2, Double(step))
      for i in value.indices {
        let g = Double(gradient[i]) * scale
        value[i] *= 1 - rate * decay
        first[i] = options.beta1 * first[i] + (1 - options.beta1) * g
        second[i] = options.beta2 * second[i] + (1 - options.beta2) * g * g
        value[i] -=
          rate * (first[i] / correction1)
          / ((second[i] / correction2).squareRoot() + options.epsilon)
      }
    }
  }

  private static let names = ["matrix", "vector", "rare", "constant"]

  private func parameters() -> [NamedParameter] {
    let shapes: [Shape] = [[7, 5], [13], [3, 2], [4]]
    return zip(Self.names, shapes).map { name, shape in
      let parameter = Parameter(shape, .constant(0), isTrained: name != "constant")
      parameter.value = randomTensor(shape, seed: 17 + UInt64(shape.elementCount))
      return NamedParameter(name: name, parameter: parameter)
    }
  }

  private func gradient(_ named: NamedParameter, step: Int) -> Tensor {
    randomTensor(
      named.parameter.shape, seed: UInt64(100 * step + named.parameter.shape.elementCount),
      deviation: 0.1)
  }

  /// Takes steps `range`; the rare parameter has a gradient every third step only.
  private func take(
    _ range: Range<Int>, _ optimizer: AdamW, _ parameters: [NamedParameter],
    onStep: (Int, NamedParameter, Tensor) -> Void = { _, _, _ in }
  ) {
    for step in range {
      for named in parameters where named.parameter.isTrained {
        if named.name == "rare" && step % 3 != 1 { continue }
        let gradient = gradient(named, step: step)
        named.parameter.addGradient(gradient)
        onStep(step, named, gradient)
      }
      optimizer.takeStep(learningRate: rate(step), gradientScale: 0.5)
    }
  }

  private func rate(_ step: Int) -> Double { 1e-2 / Double(step + 1) }

  @Test(arguments: [true, false]) func twentyStepsEqualTheFormula(decaysVectors: Bool) {
    var options = AdamW.Options()
    options.weightDecay = 0.1
    options.decaysVectors = decaysVectors
    let parameters = parameters()
    var references = parameters.map { named in
      let decays = decaysVectors || named.parameter.shape.count > 1
      return Reference(named.parameter.value.values, decay: decays ? options.weightDecay : 0)
    }
    let constant = parameters[3].parameter.value
    take(0..<20, AdamW(LooseParameters(parameters), options: options), parameters) {
      step, named, gradient in
      guard let place = Self.names.firstIndex(of: named.name) else { return }
      references[place].take(gradient.values, rate: rate(step), scale: 0.5, options)
    }
    #expect(references.map(\.step) == [20, 20, 7, 0])
    for (named, reference) in zip(parameters, references) where named.parameter.isTrained {
      for (found, expected) in zip(named.parameter.value.values, reference.value) {
        // Each step rounds the value once or twice, and an update of at most the rate by a few
        // units in its last place.
        let tolerance = 40 * 0x1p-24 * abs(expected) + 1e-6 * 3.6e-2
        #expect(abs(Double(found) - expected) < tolerance, "\(named.name)")
      }
      #expect(named.parameter.gradient == nil)
    }
    #expect(parameters[3].parameter.value.isIdentical(to: constant))
  }

  @Test func theNormIsThatOfAllGradientsTogether() {
    let parameters = parameters()
    let optimizer = AdamW(LooseParameters(parameters))
    #expect(optimizer.takeStep(learningRate: 0) == 0)
    for limit in [nil, 1e9, 1e-3] {
      var sum = 0.0
      for named in parameters.prefix(2) {
        let gradient = gradient(named, step: 0)
        named.parameter.addGradient(gradient)
        sum += gradient.values.reduce(0) { $0 + Double($1) * Double($1) }
      }
      let norm = optimizer.takeStep(learningRate: 0, gradientScale: 0.5, maximumNorm: limit)
      #expect(abs(norm - 0.5 * sum.squareRoot()) < 1e-6 * sum.squareRoot())
    }
    for limit in [nil, 1.0] {
      parameters[1].parameter.addGradient(Tensor(repeating: .nan, shape: [13]))
      #expect(!optimizer.takeStep(learningRate: 0, maximumNorm: limit).isFinite)
    }
  }

  @Test func itGoesOnFromASafetensorsFileToTheSameBits() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "optimizer.safetensors")
      let straight = parameters()
      let optimizer = AdamW(LooseParameters(straight))
      take(0..<5, optimizer, straight)
      try SafetensorsWriter.write(optimizer.state, to: url)
      let resumed = parameters()
      for (copy, named) in zip(resumed, straight) { copy.parameter.value = named.parameter.value }
      take(5..<12, optimizer, straight)

      let second = AdamW(LooseParameters(resumed))
      try second.restore(CheckpointFile.read(url))
      take(5..<12, second, resumed)
      for (copy, named) in zip(resumed, straight) {
        #expect(copy.parameter.value.isIdentical(to: named.parameter.value), "\(named.name)")
      }
    }
  }

  @Test func momentsOfOtherParametersAreRefused() throws {
    let parameters = parameters()
    let optimizer = AdamW(LooseParameters(parameters))
    var state = optimizer.state
    state["exp_avg.vector"] = Tensor(zeros: [12])
    #expect(throws: CheckpointError.self) { try optimizer.restore(state) }
    state = optimizer.state
    state["step.rare"] = nil
    #expect(throws: CheckpointError.self) { try optimizer.restore(state) }
  }
}
