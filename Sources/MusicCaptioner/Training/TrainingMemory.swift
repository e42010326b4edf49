/// What a training run will need of the computer's memory, by what it is for. Estimated from the
/// sizes of the buffers that one step takes from the pool and keeps there. What the system may take back
/// at any time is not counted: a checkpoint is mapped into memory while its checksum is computed.
package struct TrainingMemory: Sendable, Equatable {
  package let parameterCount: Int
  /// Bytes of the weights.
  package let parameters: Int
  /// Bytes of their gradients.
  package let gradients: Int
  /// Bytes of AdamW's first and second moments.
  package let moments: Int
  /// Bytes of what the forward pass saves for the backward pass, with the working space of both.
  package let activations: Int
  /// Bytes of the clips that are kept or wait to be used.
  package let clips: Int
  /// Bytes of the clips while the front end is calibrated, before the first step: given back after it.
  package let calibration: Int

  /// Bytes of the program itself and its libraries, measured.
  static let program = 70_000_000

  /// Bytes at the peak. The parts of a step add up: its buffers are kept for the next one.
  package var total: Int {
    max(
      Self.sum(Self.program, parameters, gradients, moments, activations, clips),
      Self.sum(Self.program, parameters, calibration))
  }

  private static func sum(_ parts: Int...) -> Int {
    parts.reduce(0) { sum, part in
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
  ///   - recordingBytes: Recordings that are in memory before they are asked for.
  ///   - clipCacheBytes: What the clip cache may grow to.
  ///   - batchesAhead: Batches that wait ready.
  ///   - calibrationClips: Clips that the front end is calibrated on.
  package static func estimate(
    parameterCount: Int, configuration: ModelConfiguration, batchSize: Int, passes: Int = 1,
    frames: Int, mels: Int, tokens: Int, recordingBytes: Int = 0, clipCacheBytes: Int = 0,
    batchesAhead: Int = 0, calibrationClips: Int = 0
  ) -> TrainingMemory {
    let weights = bytes(4 * Double(parameterCount))
    let sizes = ActivationSizes(
      configuration, batchSize: batchSize, frames: frames, mels: mels, tokens: tokens)
    let batches = (Double(max(1, passes)) + Double(max(0, batchesAhead))) * sizes.logMel
    let calibration = ActivationSizes.calibration(
      configuration, clipCount: calibrationClips, frames: frames, mels: mels)
    let recordings = Double(max(0, recordingBytes))
    return TrainingMemory(
      parameterCount: parameterCount, parameters: weights, gradients: weights,
      moments: bytes(8 * Double(parameterCount)),
      activations: bytes(4 * (sizes.saved + sizes.working)),
      clips: bytes(4 * batches + recordings + Double(max(0, clipCacheBytes))),
      calibration: bytes(4 * calibration + recordings))
  }

  private static func bytes(_ count: Double) -> Int { Int(exactly: count.rounded()) ?? .max }
}

extension TrainingMemory: CustomStringConvertible {
  /// A headline and a row for each part.
  package var description: String {
    let rows = [
      ("weights", parameters), ("gradients", gradients), ("AdamW moments", moments),
      ("activations", activations), ("clips", clips), ("program", Self.program),
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
    for layer in convolutions(configuration) {
      saved += buffer(batchSize, time + 2, channels) + buffer(3, channels, layer.width)
      time = (time - 1) / layer.stride + 1
      channels = layer.width
      let output = buffer(batchSize, time + 2, channels)
      saved += output
      working += output
    }
    // The last GELU's output, and the packed form of a weight's gradient.
    return (saved, working + buffer(batchSize, time + 2, channels) + buffer(3, channels, channels))
  }

  /// All clips at once: in the cache, as one tensor and padded, and of the largest layer the output, a copy
  /// without padding and what GELU makes of it.
  static func calibration(
    _ configuration: ModelConfiguration, clipCount: Int, frames: Int, mels: Int
  ) -> Double {
    guard clipCount > 0 else { return 0 }
    var time = min(max(1, frames), largestBuffer)
    let input = buffer(clipCount, time, mels)
    var largest = input
    for layer in convolutions(configuration) {
      time = (time - 1) / layer.stride + 1
      largest = max(largest, buffer(clipCount, time + 2, layer.width))
    }
    return 3 * input + 3 * largest
  }

  /// The front end's convolutions, first to last, where they make sense.
  private static func convolutions(
    _ configuration: ModelConfiguration
  ) -> [(stride: Int, width: Int)] {
    let strides = configuration.convolutionStrides.filter { $0 > 0 }
    let widths = configuration.convolutionWidths
    return strides.enumerated().map { index, stride in
      (stride, index < widths.count ? widths[index] : configuration.width)
    }
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
