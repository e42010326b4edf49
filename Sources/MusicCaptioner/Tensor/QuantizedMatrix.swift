import CKernels

/// Weights as 8-bit integers with a scale for each output, and products with them.
///
/// Weights are rounded to −127…127 steps of their row's largest magnitude. A product's inputs are
/// rounded likewise, row by row as they come, and shifted by 128 to be unsigned, as the processor's
/// instruction requires; what the shift adds, 128 times the sum of a row's weights, is subtracted again.
struct QuantizedMatrix: Sendable {
  private let steps: WeightPanels
  /// `[out]`: the size of a step.
  private let scales: Tensor
  /// `[out]`: 128 times the sum of a row's steps; 32-bit integers in the place of floats.
  private let offsets: TensorStorage

  /// Where the weights lie. Valid while the matrix is.
  struct Address {
    let steps: WeightPanels.Address
    let scales: UnsafePointer<Float>
    let offsets: UnsafePointer<Int32>
  }

  /// - Parameter weight: `[out, in]`
  init(rounding weight: Tensor) {
    let (outputCount, inputCount) = (weight.rowCount, weight.width)
    let scales = Tensor(uninitialized: [outputCount])
    let offsets = TensorStorage(count: outputCount)
    let sums = UnsafeMutableRawPointer(offsets.base).assumingMemoryBound(to: Int32.self)
    steps = WeightPanels(
      outputCount: outputCount, inputCount: inputCount, size: MemoryLayout<Int8>.size
    ) { row, target in
      sums[row] =
        128
        * ck_quantize_signed(
          target.assumingMemoryBound(to: Int8.self), scales.freshPointer + row,
          weight.readPointer + row * inputCount, inputCount)
    }
    self.scales = scales
    self.offsets = offsets
  }

  var outputCount: Int { steps.outputCount }
  var inputCount: Int { steps.inputCount }

  var address: Address {
    Address(
      steps: steps.address, scales: scales.readPointer,
      offsets: UnsafeRawPointer(offsets.base).assumingMemoryBound(to: Int32.self))
  }
}

/// Inputs of products with a ``QuantizedMatrix``.
struct QuantizedRows: Sendable {
  let rowCount: Int
  let width: Int
  /// `[rows, in]`, four numbers in the place of each float.
  private let steps: TensorStorage
  /// `[rows]`: the size of a step.
  let scales: Tensor

  /// - Parameter x: `[rows, in]`
  init(rounding x: Tensor) {
    rowCount = x.rowCount
    width = x.width
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

  /// Valid while the rows are.
  var bytes: UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(steps.base).assumingMemoryBound(to: UInt8.self)
  }
}
