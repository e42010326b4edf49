import ArgumentParser
import Foundation
@_spi(Benchmarks) import MusicCaptioner

/// What can be measured, by name.
enum BenchmarkCase: String, CaseIterable, ExpressibleByArgument {
  case trainingStep = "training-step"
  case trainingStepCaptions = "training-step-captions"
  case captionClip = "caption-clip"
  case captionSong = "caption-song"
  case logMel = "log-mel"
  case adamw
  case tokenizer
  case loadModel = "load-model"

  /// Whether it computes as training does, which has not every precision on every machine.
  var isTraining: Bool { self == .trainingStep || self == .trainingStepCaptions }

  /// - Parameters:
  ///   - step: The sizes of a training step.
  ///   - files: Where `tokenizer.json` and `text.txt` lie, for the cases that need them.
  /// - Throws: Where these files are missing or can't be read.
  func prepare(precision: ComputePrecision, step: StepSize, files: URL?) throws -> Work {
    switch self {
    case .trainingStep: trainingStep(step, lengths: step.lengths, precision)
    case .trainingStepCaptions: trainingStep(step, lengths: Workload.captionLengths, precision)
    case .captionClip: try captioning(clips: 1, precision)
    case .captionSong: try captioning(clips: Workload.songChunks, precision)
    case .logMel: try logMelOfAClip()
    case .adamw: optimizerStep()
    case .tokenizer: try encoding(Self.folder(files))
    case .loadModel: try loading(Self.folder(files), precision)
    }
  }

  private static func folder(_ files: URL?) throws -> URL {
    guard let files else {
      throw ValidationError("this case needs --files, a folder that compare.py fills")
    }
    return files
  }

  private func trainingStep(
    _ size: StepSize, lengths: [Int], _ precision: ComputePrecision
  ) -> Work {
    let configuration = size.configuration
    let model = CaptionModel.untrained(configuration)
    let step = TrainingStep(model, precision: precision)
    let optimizer = AdamW(model)
    let batch = Batch(
      logMel: Workload.logMel(count: lengths.count), captions: Workload.captions(lengths: lengths))
    var number = 0
    return Work(
      amounts: [
        "tokens": Double(lengths.reduce(0, +)), "clips": Double(lengths.count),
        "tokens_per_caption": Double(lengths.reduce(0, +)) / Double(lengths.count),
        "width": Double(configuration.width),
      ],
      operations: Arithmetic(configuration).trainingStep(lengths: lengths)
    ) {
      let result = try step(number, on: [batch], optimizer, learningRate: 1e-4)
      number += 1
      precondition(result.isFinite, "the loss is no number")
    }
  }

  private func captioning(clips: Int, _ precision: ComputePrecision) throws -> Work {
    let model = CaptionModel.untrained(Workload.configuration)
    let task = try DecodingBenchmark(model, Workload.decoding, precision: precision)
    let logMel = Workload.logMel(count: clips)
    return Work(
      amounts: ["clips": Double(clips)],
      operations: Arithmetic(Workload.configuration).captioning(clips: clips)
    ) {
      let lengths = task.run(logMel: logMel)
      precondition(
        lengths.allSatisfy { $0 == Workload.decoding.maximumLength }, "another length: \(lengths)")
    }
  }

  private func logMelOfAClip() throws -> Work {
    let extractor = try LogMelExtractor()
    let samples = Workload.samples()
    return Work(amounts: ["clips": 1]) { _ = extractor(samples) }
  }

  private func optimizerStep() -> Work {
    let model = CaptionModel.untrained(Workload.configuration)
    let parameters = TrainedParameters(model)
    let optimizer = AdamW(model)
    let count = Double(model.parameterCount)
    // Parameter and both moments read and written, the gradient read.
    return Work(amounts: ["bytes": 28 * count, "parameters": count]) {
      // Handed over, not copied; the step lets go of them.
      parameters.addGradients()
      optimizer.takeStep(learningRate: 1e-4)
    }
  }

  private func encoding(_ files: URL) throws -> Work {
    let tokenizer = try Tokenizer(contentsOf: files.appending(path: "tokenizer.json"))
    let text = try String(contentsOf: files.appending(path: "text.txt"), encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    return Work(amounts: ["bytes": Double(text.utf8.count)]) {
      for line in lines { _ = tokenizer.encode(line) }
    }
  }

  /// Opens a model folder, which is written first where there is none.
  private func loading(_ files: URL, _ precision: ComputePrecision) throws -> Work {
    let folder = files.appending(path: "model")
    if !FileManager.default.fileExists(atPath: folder.path) {
      let tokenizer = try Tokenizer(contentsOf: files.appending(path: "tokenizer.json"))
      var bundle = try ModelBundle(untrained: Workload.configuration, tokenizer: tokenizer)
      try bundle.setDecodingOptions(Workload.decoding)
      try bundle.write(to: folder)
    }
    let wave = files.appending(path: "clip.wav")
    if !FileManager.default.fileExists(atPath: wave.path) {
      try AudioClip(samples: Workload.samples(), sampleRate: 16_000).writeWave(to: wave)
    }
    var options = CaptionerOptions(decoding: Workload.decoding)
    options.precision = precision
    let chosen = options
    return Work { _ = try Captioner(model: folder, options: chosen) }
  }
}

/// The parameters of a model, with made-up gradients.
private struct TrainedParameters {
  private var parameters: [(parameter: Parameter, gradient: Tensor)] = []

  init(_ model: CaptionModel) {
    var found: [(Parameter, Tensor)] = []
    model.visitParameters(
      ParameterVisitor { _, parameter in
        guard parameter.isTrained else { return }
        found.append((parameter, Tensor(repeating: 1e-3, shape: parameter.shape)))
      })
    parameters = found
  }

  func addGradients() {
    for (parameter, gradient) in parameters { parameter.addGradient(gradient) }
  }
}
