/// An estimate of the memory that a training run needs, by purpose, from the sizes of the buffers
/// that a step takes from the pool and keeps there. Memory that the system can reclaim at any time
/// is not counted: a checkpoint is mapped into memory while its checksum is computed.
package struct TrainingMemory: Sendable, Equatable {
  package let parameterCount: Int
  /// Bytes of the parameters.
  package let parameters: Int
  /// Bytes of the gradients.
  package let gradients: Int
  /// Bytes of AdamW's first and second moments.
  package let moments: Int
  /// Bytes saved by the forward pass for the backward pass, and the working buffers of both.
  package let activations: Int
  /// Bytes of the clips that are cached or waiting to be used.
  package let clips: Int
  /// Bytes of the clips for calibrating the front end before the first step; released afterwards.
  package let calibration: Int

  /// Bytes of the program and its libraries, measured.
  static let program = 70_000_000

  /// Bytes at the peak. The parts of a step add up, because its buffers are kept for the next one.
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
  ///   - parameterCount: The number of trained parameters.
  ///   - batchSize: Clips per pass.
  ///   - passes: Passes per step: all of a step's batches are in memory before its first pass.
  ///   - frames: Log-mel frames per clip.
  ///   - mels: The number of mel bands.
  ///   - tokens: Tokens per caption, including start and end. Captions are packed, so their mean
  ///     determines the needs of a typical batch.
  ///   - recordingBytes: Recordings that are already in memory.
  ///   - clipCacheBytes: The size to which the clip cache may grow.
  ///   - batchesAhead: Finished batches that may wait.
  ///   - calibrationClips: Clips used for calibrating the front end.
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
  /// A headline and a line for each part.
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

/// The floats that a training step takes from the pool: the capture lists of the operations in
/// `Autodiff`, added up over the layers. Stored as floating-point numbers, which can't overflow.
private struct ActivationSizes {
  /// `[batch, frames, mels]`
  let logMel: Double
  /// Saved for the backward pass, and all live at the end of the forward pass.
  let saved: Double
  /// Buffers taken and returned within the step.
  let working: Double

  init(
    _ configuration: ModelConfiguration, batchSize: Int, frames: Int, mels: Int, tokens: Int
  ) {
    let width = configuration.width
    let frames = min(max(1, frames), Self.largestBuffer)
    let positions = configuration.positionCount(frames: frames)
    // Activations with one row per encoder position, and per token.
    let encoded = Self.buffer(batchSize, positions, width)
    let decoded = Self.buffer(batchSize, tokens, width)
    let encoderInner = Self.buffer(batchSize, positions, configuration.encoderInnerWidth)
    let decoderInner = Self.buffer(batchSize, tokens, configuration.decoderInnerWidth)
    let table = Self.buffer(configuration.vocabularySize, width)
    let frontEnd = Self.frontEnd(configuration, batchSize: batchSize, frames: frames, mels: mels)
    logMel = Self.buffer(batchSize, frames, mels)

    // Self-attention saves its input, queries, keys, values, the attended rows and the weights. The
    // feed-forward network saves its input and the inner rows before and after GELU. Each of the
    // two also saves the input of its norm.
    let encoderLayer =
      8 * encoded + 2 * encoderInner
      + Self.buffer(batchSize, configuration.encoderHeadCount, positions, positions)
    // Cross-attention adds its input, queries, attended rows and norm, and the keys and values of
    // the encoder's rows.
    let decoderLayer =
      12 * decoded + 2 * encoded + 2 * decoderInner
      + Self.buffer(batchSize, configuration.decoderHeadCount, tokens, tokens)
      + Self.buffer(batchSize, configuration.decoderHeadCount, tokens, positions)
    // Outside the layers: the inputs of the embedding norms, the encoder's output, the loss's
    // gradients of the decoder's output and of the table; with pre-norm, the inputs of the last
    // norms.
    let norms =
      (configuration.normalizesEmbedding ? 1.0 : 0) + (configuration.normalizesBefore ? 1 : 0)
    saved =
      frontEnd.saved + Double(configuration.encoderLayerCount) * encoderLayer
      + Double(configuration.decoderLayerCount) * decoderLayer
      + (norms + 1) * encoded + (norms + 1) * decoded + table

    // The backward pass starts while everything saved is still live. It needs one more buffer of
    // each inner size, and of the plain sizes those of an attention: three gradients, the incoming
    // one, and the residual's. Logits are computed for some rows at a time.
    let (rows, overflow) = batchSize.multipliedReportingOverflow(by: tokens)
    let logits = Self.buffer(
      overflow ? vocabularyLossRows : min(vocabularyLossRows, rows), configuration.vocabularySize)
    working =
      frontEnd.working + 5 * encoded + 5 * decoded + encoderInner + decoderInner + logits
  }

  /// Each convolution saves its input and packed weights, and GELU saves the convolution's output.
  /// The backward pass adds the gradient of an output to both.
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

  /// All clips at once: in the cache, as one tensor and padded; plus, for the largest layer, the
  /// output, a copy without padding and the result of GELU.
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

  /// The front end's convolutions, first to last, if they are valid.
  private static func convolutions(
    _ configuration: ModelConfiguration
  ) -> [(stride: Int, width: Int)] {
    let strides = configuration.convolutionStrides.filter { $0 > 0 }
    let widths = configuration.convolutionWidths
    return strides.enumerated().map { index, stride in
      (stride, index < widths.count ? widths[index] : configuration.width)
    }
  }

  /// The floats in the pool's buffer for a tensor of these sizes.
  private static func buffer(_ sizes: Int...) -> Double {
    let count = sizes.reduce(1) { product, size in
      let (next, overflow) = product.multipliedReportingOverflow(by: max(0, size))
      return overflow ? largestBuffer : min(next, largestBuffer)
    }
    return Double(BufferPool.capacity(for: count))
  }

  /// No computer has this much; rounding it up can't overflow.
  private static let largestBuffer = 1 << 50
}
