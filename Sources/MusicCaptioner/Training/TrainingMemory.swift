/// What a training run will need of the computer's memory, by what it is for. Estimated from the
/// sizes of the buffers that one step takes from the pool and keeps there.
public struct TrainingMemory: Sendable, Equatable {
  public let parameterCount: Int
  /// Bytes of the weights.
  public let parameters: Int
  /// Bytes of their gradients.
  public let gradients: Int
  /// Bytes of AdamW's first and second moments.
  public let moments: Int
  /// Bytes of what the forward pass saves for the backward pass, with the working space of both.
  public let activations: Int
  /// Bytes of the clips that are kept or wait to be used.
  public let clips: Int

  /// Bytes at the peak. The parts add up: a step's buffers are kept for the next one.
  public var total: Int {
    [parameters, gradients, moments, activations, clips].reduce(0) { sum, part in
      let (next, overflow) = sum.addingReportingOverflow(part)
      return overflow ? .max : next
    }
  }

  /// - Parameters:
  ///   - parameterCount: Trained parameters.
  ///   - batchSize: Clips that go through the model at once.
  ///   - passes: How many times that, for one step: its batches are all there before the first.
  ///   - frames: Log-mel frames of a clip.
  ///   - mels: Mel bands.
  ///   - tokens: Tokens of a caption, start and end included. Captions are packed, so their mean
  ///     tells what a usual batch needs.
  ///   - clipCacheBytes: What the clip cache may grow to.
  ///   - batchesAhead: Batches that wait ready.
  public static func estimate(
    parameterCount: Int, configuration: ModelConfiguration, batchSize: Int, passes: Int = 1,
    frames: Int, mels: Int, tokens: Int, clipCacheBytes: Int = 0, batchesAhead: Int = 0
  ) -> TrainingMemory {
    let weights = bytes(4 * Double(parameterCount))
    let sizes = ActivationSizes(
      configuration, batchSize: batchSize, frames: frames, mels: mels, tokens: tokens)
    let batches = (Double(max(1, passes)) + Double(max(0, batchesAhead))) * sizes.logMel
    return TrainingMemory(
      parameterCount: parameterCount, parameters: weights, gradients: weights,
      moments: bytes(8 * Double(parameterCount)),
      activations: bytes(4 * (sizes.saved + sizes.working)),
      clips: bytes(4 * batches + Double(max(0, clipCacheBytes))))
  }

  private static func bytes(_ count: Double) -> Int { Int(exactly: count.rounded()) ?? .max }
}

extension TrainingMemory: CustomStringConvertible {
  /// A headline and a row for each part.
  public var description: String {
    let rows = [
      ("weights", parameters), ("gradients", gradients), ("AdamW moments", moments),
      ("activations", activations), ("clips", clips),
    ]
    let millions = ProgressFormat.number(Double(parameterCount) / 1e6)
    let headline =
      "Memory: \(millions) M parameters; about \(ProgressFormat.bytes(total)) at the peak"
    return ([headline] + rows.map { row($0.0, ProgressFormat.bytes($0.1)) })
      .joined(separator: "\n")
  }

  private func row(_ name: String, _ size: String) -> String {
    let gap = max(1, 24 - name.count - size.count)
    return "  " + name + String(repeating: " ", count: gap) + size
  }
}

/// Floats that one training step takes from the pool: the capture lists of the operations in
/// `Autodiff`, added up over the layers. As floating-point numbers, which can't overflow.
private struct ActivationSizes {
  /// `[batch, frames, mels]`
  let logMel: Double
  /// What backward needs, all of it alive when the forward pass ends.
  let saved: Double
  /// Buffers that are taken and given back within the step.
  let working: Double

  init(
    _ configuration: ModelConfiguration, batchSize: Int, frames: Int, mels: Int, tokens: Int
  ) {
    let width = configuration.width
    let frames = min(max(1, frames), Self.largestBuffer)
    let positions = configuration.positionCount(frames: frames)
    // Activations with a row for each encoder position, and for each token.
    let encoded = Self.buffer(batchSize, positions, width)
    let decoded = Self.buffer(batchSize, tokens, width)
    let encoderInner = Self.buffer(batchSize, positions, configuration.encoderInnerWidth)
    let decoderInner = Self.buffer(batchSize, tokens, configuration.decoderInnerWidth)
    let table = Self.buffer(configuration.vocabularySize, width)
    let frontEnd = Self.frontEnd(configuration, batchSize: batchSize, frames: frames, mels: mels)
    logMel = Self.buffer(batchSize, frames, mels)

    // Self-attention saves its input, queries, keys, values, the attended rows and the weights, and
    // the feed-forward its input and the inner rows before and after GELU; each of the two the sum
    // or input that its norm reads.
    let encoderLayer =
      8 * encoded + 2 * encoderInner
      + Self.buffer(batchSize, configuration.encoderHeadCount, positions, positions)
    // Cross-attention adds its input, queries, attended rows and norm, and keys and values of the
    // encoder's rows.
    let decoderLayer =
      12 * decoded + 2 * encoded + 2 * decoderInner
      + Self.buffer(batchSize, configuration.decoderHeadCount, tokens, tokens)
      + Self.buffer(batchSize, configuration.decoderHeadCount, tokens, positions)
    // Around the layers: what the embedding norms read, the encoder's output, the loss's gradients
    // of the decoder's output and of the table; with pre-norm, what the last norms read.
    let norms =
      (configuration.normalizesEmbedding ? 1.0 : 0) + (configuration.normalizesBefore ? 1 : 0)
    saved =
      frontEnd.saved + Double(configuration.encoderLayerCount) * encoderLayer
      + Double(configuration.decoderLayerCount) * decoderLayer
      + (norms + 1) * encoded + (norms + 1) * decoded + table

    // Backward starts while all that is saved is there: it needs one more buffer of each inner
    // size, and of the plain sizes those of an attention: three gradients, one coming in, and the
    // residual's. Logits are made for some rows at a time.
    let (rows, overflow) = batchSize.multipliedReportingOverflow(by: tokens)
    let logits = Self.buffer(
      overflow ? vocabularyLossRows : min(vocabularyLossRows, rows), configuration.vocabularySize)
    working =
      frontEnd.working + 5 * encoded + 5 * decoded + encoderInner + decoderInner + logits
  }

  /// Each convolution saves its input and packed weights, and GELU the convolution's output. Going
  /// back, the gradient of an output comes on top of both.
  private static func frontEnd(
    _ configuration: ModelConfiguration, batchSize: Int, frames: Int, mels: Int
  ) -> (saved: Double, working: Double) {
    var (saved, working) = (0.0, 0.0)
    var (time, channels) = (frames, mels)
    for stride in configuration.convolutionStrides where stride > 0 {
      saved += buffer(batchSize, time + 2, channels) + buffer(3, channels, configuration.width)
      time = (time - 1) / stride + 1
      channels = configuration.width
      let output = buffer(batchSize, time + 2, channels)
      saved += output
      working += output
    }
    // The last GELU's output, and the packed form of a weight's gradient.
    return (saved, working + buffer(batchSize, time + 2, channels) + buffer(3, channels, channels))
  }

  /// The floats of the pool's buffer for a tensor of these sizes.
  private static func buffer(_ sizes: Int...) -> Double {
    let count = sizes.reduce(1) { product, size in
      let (next, overflow) = product.multipliedReportingOverflow(by: max(0, size))
      return overflow ? largestBuffer : min(next, largestBuffer)
    }
    return Double(BufferPool.capacity(for: count))
  }

  /// No computer has so much; rounding up can't overflow from it.
  private static let largestBuffer = 1 << 50
}
