import CKernels
import COneDNN

/// Weights as 8-bit integers with a scale for each output, and products with them.
///
/// Weights are rounded to −127…127 steps of their row's largest magnitude. A product's inputs are
/// rounded likewise, row by row as they come, and shifted by 128 to be unsigned, as the processor's
/// instruction wants them; what the shift adds is taken off again with the sum of a row's weights.
struct QuantizedMatrix: Sendable {
  let outputCount: Int
  let inputCount: Int
  /// `[out, in]`, four numbers in the place of each float.
  private let steps: TensorStorage
  /// `[out]`: the size of a step.
  private let scales: Tensor
  /// `[out]`: 128 times the sum of a row's steps.
  private let offsets: [Int32]

  /// - Parameter weight: `[out, in]`
  init(rounding weight: Tensor) {
    let (outputCount, inputCount) = (weight.rowCount, weight.width)
    let steps = TensorStorage(count: (weight.count + 3) / 4)
    let scales = Tensor(uninitialized: [outputCount])
    let target = UnsafeMutableRawPointer(steps.base).assumingMemoryBound(to: Int8.self)
    offsets = [Int32](unsafeUninitializedCapacity: outputCount) { offsets, count in
      let offsets = offsets
      Kernels.forEachRowBlock(of: outputCount, width: inputCount) { rows, _ in
        for row in rows {
          let sum = ck_quantize_signed(
            target + row * inputCount, scales.freshPointer + row,
            weight.readPointer + row * inputCount, inputCount)
          offsets.initializeElement(at: row, to: 128 * sum)
        }
      }
      count = outputCount
    }
    self.outputCount = outputCount
    self.inputCount = inputCount
    self.steps = steps
    self.scales = scales
  }

  /// x · weightᵀ: `[rows, in]` → `[rows, out]`
  func product(_ x: Tensor) -> Tensor {
    let rowCount = x.rowCount
    precondition(x.width == inputCount, "no product of \(x.shape) with \(inputCount) inputs")
    let inputs = TensorStorage(count: (x.count + 3) / 4)
    let inputScales = Tensor(uninitialized: [rowCount])
    let bytes = UnsafeMutableRawPointer(inputs.base).assumingMemoryBound(to: UInt8.self)
    for row in 0..<rowCount {
      ck_quantize_unsigned(
        bytes + row * inputCount, inputScales.freshPointer + row,
        x.readPointer + row * inputCount, inputCount)
    }
    let weights = UnsafeRawPointer(steps.base).assumingMemoryBound(to: Int8.self)
    let y = Tensor(uninitialized: [rowCount, outputCount])
    // 32-bit sums come first, in the same place as the floats that they become.
    let sums = UnsafeMutableRawPointer(y.freshPointer).assumingMemoryBound(to: Int32.self)
    let grid = BlockGrid(m: rowCount, n: outputCount, k: inputCount, cutsRows: false)
    WorkPool.shared.forEach(grid.count) { index in
      let (first, count) = (grid[index].columns.lowerBound, grid[index].columns.count)
      if rowCount <= MatrixProduct.fewRows {
        ck_int8_rows(
          sums + first, outputCount, bytes, inputCount, weights + first * inputCount, rowCount,
          count, inputCount)
      } else {
        let status = cod_int8_product(
          Int64(rowCount), Int64(count), Int64(inputCount), bytes, Int64(inputCount),
          weights + first * inputCount, Int64(inputCount), sums + first, Int64(outputCount))
        precondition(status == 0, "oneDNN refused a product of integers: status \(status)")
      }
      for row in 0..<rowCount {
        offsets.withUnsafeBufferPointer { offsets in
          guard let offsets = offsets.baseAddress else { return }
          let start = row * outputCount + first
          ck_dequantize(
            y.freshPointer + start, sums + start, offsets + first, scales.readPointer + first,
            inputScales.readPointer[row], count)
        }
      }
    }
    withExtendedLifetime((inputs, inputScales)) {}
    return y
  }
}
