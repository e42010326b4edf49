@_spi(Benchmarks) import MusicCaptioner

/// The sizes of the measured work. `peers/shapes.py` has the same.
enum Workload {
  static let configuration = ModelConfiguration()  // the official model's sizes
  static let frames = 1_001  // ten seconds
  static let mels = 128

  /// Captions as they come: 20 to 110 tokens, 507 in all.
  static let captionLengths = [66, 20, 93, 47, 110, 34, 58, 79]

  static let songChunks = 18  // three minutes

  /// Beam search that ends at the last token, not before.
  static var decoding: DecodingOptions {
    var options = DecodingOptions()
    options.beamWidth = 5
    options.maximumLength = 128
    options.minimumLength = 128
    options.noRepeatNgramSize = 0
    return options
  }

  /// Clips that sound like nothing, `[count, frames, mels]` in the range of decibels.
  static func logMel(count: Int) -> Tensor {
    var random = RandomSource(seed: 7, stream: "clips")
    let values = (0..<count * frames * mels).map { _ in 20 * random.normal() - 30 }
    return Tensor([count, frames, mels], values)
  }

  /// Ten seconds of noise.
  static func samples() -> [Float] {
    var random = RandomSource(seed: 3, stream: "samples")
    return (0..<160_000).map { _ in 0.1 * random.normal() }
  }

  static func captions(lengths: [Int]) -> [[Int]] {
    var random = RandomSource(seed: 11, stream: "captions")
    return lengths.map { length in
      (0..<length).map { _ in 4 + random.integer(below: configuration.vocabularySize - 4) }
    }
  }
}

/// The sizes of a training step that `scaling.py` varies.
struct StepSize {
  var clips = 8
  var tokensPerCaption = 64
  var width = 768

  var lengths: [Int] { Array(repeating: tokensPerCaption, count: clips) }

  /// The official model, narrower or wider: heads of 64, four times the width inside.
  var configuration: ModelConfiguration {
    var configuration = Workload.configuration
    configuration.width = width
    configuration.encoderHeadCount = width / 64
    configuration.decoderHeadCount = width / 64
    configuration.encoderInnerWidth = 4 * width
    configuration.decoderInnerWidth = 4 * width
    return configuration
  }
}

/// Arithmetic that the work needs, in floating-point operations: what GFLOP/s refer to. Two for each
/// multiplication of a matrix product; all else is left out.
struct Arithmetic {
  let configuration: ModelConfiguration

  private var width: Double { Double(configuration.width) }
  private var inner: Double { Double(configuration.decoderInnerWidth) }
  private var layers: Double { Double(configuration.decoderLayerCount) }
  private var vocabulary: Double { Double(configuration.vocabularySize) }
  private let positions = 32.0

  init(_ configuration: ModelConfiguration) { self.configuration = configuration }

  /// Convolutions and encoder, of one clip.
  private var encoding: Double {
    var convolutions = 0.0
    var (time, channels) = (Double(Workload.frames), Double(Workload.mels))
    for stride in configuration.convolutionStrides {
      time = ((time - 1) / Double(stride)).rounded(.down) + 1
      convolutions += 2 * time * 3 * channels * width
      channels = width
    }
    let layer = positions * (4 * width * width + 2 * width * inner + 2 * positions * width)
    return convolutions + 2 * layers * layer
  }

  /// One token through decoder and vocabulary, `reach` tokens and one clip to attend to.
  private func decoding(reach: Double) -> Double {
    let products = 6 * width * width + 2 * width * inner + 2 * (reach + positions) * width
    return 2 * (layers * products + vocabulary * width)
  }

  /// Keys and values of a clip for the decoder's layers.
  private var memory: Double { 2 * layers * positions * 2 * width * width }

  /// Forward and backward, which is twice the forward pass.
  func trainingStep(lengths: [Int]) -> Double {
    3
      * lengths.reduce(0.0) { sum, length in
        sum + encoding + memory + Double(length) * decoding(reach: Double(length))
      }
  }

  /// Beam search over so many clips.
  func captioning(clips: Int) -> Double {
    let options = Workload.decoding
    let steps = (1..<options.maximumLength).reduce(0.0) { $0 + decoding(reach: Double($1)) }
    return Double(clips) * (encoding + memory + Double(options.beamWidth) * steps)
  }
}
