@_spi(Benchmarks) import MusicCaptioner

/// The sizes of the measured work. `peers/shapes.py` has the same.
enum Workload {
  static let configuration = ModelConfiguration()  // the official model's sizes
  static let frames = 1_001  // ten seconds
  static let mels = 128

  static let equalLengths = Array(repeating: 64, count: 8)
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

/// Arithmetic that the work needs, in floating-point operations: what GFLOP/s refer to. Two for each
/// multiplication of a matrix product; all else is left out.
enum Arithmetic {
  private static let width = Double(Workload.configuration.width)
  private static let inner = Double(Workload.configuration.decoderInnerWidth)
  private static let layers = Double(Workload.configuration.decoderLayerCount)
  private static let vocabulary = Double(Workload.configuration.vocabularySize)
  private static let positions = 32.0

  /// Convolutions and encoder, of one clip.
  private static var encoding: Double {
    var convolutions = 0.0
    var (time, channels) = (Double(Workload.frames), Double(Workload.mels))
    for stride in Workload.configuration.convolutionStrides {
      time = ((time - 1) / Double(stride)).rounded(.down) + 1
      convolutions += 2 * time * 3 * channels * width
      channels = width
    }
    let layer = positions * (4 * width * width + 2 * width * inner + 2 * positions * width)
    return convolutions + 2 * layers * layer
  }

  /// One token through decoder and vocabulary, `reach` tokens and one clip to attend to.
  private static func decoding(reach: Double) -> Double {
    let products = 6 * width * width + 2 * width * inner + 2 * (reach + positions) * width
    return 2 * (layers * products + vocabulary * width)
  }

  /// Keys and values of a clip for the decoder's layers.
  private static var memory: Double { 2 * layers * positions * 2 * width * width }

  /// Forward and backward, which is twice the forward pass.
  static func trainingStep(lengths: [Int]) -> Double {
    3
      * lengths.reduce(0.0) { sum, length in
        sum + encoding + memory + Double(length) * decoding(reach: Double(length))
      }
  }

  /// Beam search over so many clips.
  static func captioning(clips: Int) -> Double {
    let options = Workload.decoding
    let steps = (1..<options.maximumLength).reduce(0.0) { $0 + decoding(reach: Double($1)) }
    return Double(clips) * (encoding + memory + Double(options.beamWidth) * steps)
  }
}
