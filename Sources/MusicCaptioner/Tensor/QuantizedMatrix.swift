import CKernels

/// Weights as 8-bit integers with a scale for each output, and products with them.
///
/// Weights are rounded to −127…127 steps of their row's largest magnitude. A product's inputs are
/// rounded likewise, row by row as they come, and shifted by 128 to be unsigned, as the processor's
/// instruction wants them; what the shift adds is taken off again with the sum of a row's weights.
struct QuantizedMatrix: Sendable {
  private let steps: WeightPanels
  /// `[out]`: the size of a step.
  private let scales: Tensor
  /// `[out]`: 128 times the sum of a row's steps.
  private let offsets: [Int32]

  /// - Parameter weight: `[out, in]`
  init(rounding weight: Tensor) {
    let (outputCount, inputCount) = (weight.rowCount, weight.width)
    let scales = Tensor(uninitialized: [outputCount])
    var steps: WeightPanels?
    offsets = [Int32](unsafeUninitializedCapacity: outputCount) { offsets, count in
      let offsets = offsets
      steps = WeightPanels(
        outputCount: outputCount, inputCount: inputCount, size: MemoryLayout<Int8>.size
      ) { row, target in
        let sum = ck_quantize_signed(
          target.assumingMemoryBound(to: Int8.self), scales.freshPointer + row,
          weight.readPointer + row * inputCount, inputCount)
        offsets.initializeElement(at: row, to: 128 * sum)
      }
      count = outputCount
    }
    guard let steps else { preconditionFailure("the weights were not rounded") }
    self.steps = steps
    self.scales = scales
  }

  var outputCount: Int { steps.outputCount }
  var inputCount: Int { steps.inputCount }

  /// Some columns of x · weightᵀ + bias, from the first of a panel on.
  ///
  /// - Parameters:
  ///   - x: `[rows, in]`
  ///   - bias: `out` elements
  ///   - y: `[rows, out]`, just made.
  func multiply(_ x: QuantizedRows, bias: Tensor, columns: Range<Int>, into y: Tensor) {
    let first = columns.lowerBound
    offsets.withUnsafeBufferPointer { offsets in
      guard let offsets = offsets.baseAddress else { return }
      var ending = ck_panel_ending(
        bias: bias.readPointer + first, scales: scales.readPointer + first,
        row_scales: x.scales.readPointer, offsets: offsets + first)
      ck_int8_panels(
        y.freshPointer + first, outputCount, x.bytes, inputCount, steps.panels(from: first),
        &ending, x.rowCount, columns.count, inputCount)
    }
  }
}

/// Inputs of products with a ``QuantizedMatrix``.
struct QuantizedRows: Sendable {
  let rowCount: Int
  /// `[rows, in]`, four numbers in the place of each float.
  private let steps: TensorStorage
  /// `[rows]`: the size of a step.
  fileprivate let scales: Tensor

  /// - Parameter x: `[rows, in]`
  init(rounding x: Tensor) {
    rowCount = x.rowCount
    steps = TensorStorage(count: (x.count + 3) / 4)
    scales = Tensor(uninitialized: [x.rowCount])
    let (scales, target) = (scales.freshPointer, bytes)
    Kernels.forEachRowBlock(of: rowCount, width: x.width) { rows, _ in
      for row in rows {
        ck_quantize_unsigned(
          target + row * x.width, scales + row, x.readPointer + row * x.width, x.width)
      }
    }
  }

  fileprivate var bytes: UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(steps.base).assumingMemoryBound(to: UInt8.self)
  }
}
