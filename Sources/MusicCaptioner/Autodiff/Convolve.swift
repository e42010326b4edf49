import CKernels

/// A width-3 convolution over time with one row of padding at either end.
///
/// Input and output carry their padding with them, as a first and a last row of zeros in each
/// clip. With channels last, row t of the unfolded input is then the 3·in consecutive numbers at
/// input row stride·t: the convolution is a matrix product, forward and backward, and nothing is
/// copied. BLAS refuses rows that overlap, so each product takes `stride` taps at most.
///
/// Gradient: with the unfolded input u, dweight = Σ over clips of dyᵀ·u, dbias = Σ dy, and dx is
/// the sum of dy·weight over the places that each row was read from.
///
/// - Parameters:
///   - x: `[batch, time + 2, in]`, first and last rows of each clip zero
///   - weight: `[out, in, 3]`, PyTorch's layout
///   - bias: `[out]`
///   - stride: Input rows from one output row to the next.
///   - precision: Of the products; sums are float32.
/// - Returns: `[batch, ⌈time / stride⌉ + 2, out]`, first and last rows of each clip zero
func convolve(
  _ x: Variable, weight: Variable, bias: Variable, stride: Int,
  precision: ComputePrecision = .float32
) -> Variable {
  let plan = ConvolutionPlan(x: x.shape, weight: weight.shape, stride: stride)
  let packed = ProductOperand(plan.pack(weight.value), precision)
  let input = ProductOperand(x.value, precision)
  let y = plan.forward(input, packed: packed, bias: bias.value)
  let needsInput = x.requiresGradient
  return Variable(y, from: [x, weight, bias]) { dy in
    let outputGradient = ProductOperand(dy, precision)
    return [
      needsInput ? plan.inputGradient(outputGradient, packed: packed) : nil,
      plan.weightGradient(outputGradient, x: input), plan.biasGradient(dy),
    ]
  }
}

private struct ConvolutionPlan {
  let batch: Int
  let inputRows: Int
  let inputChannels: Int
  let outputTime: Int
  let outputChannels: Int
  let stride: Int
  static let taps = 3

  init(x: Shape, weight: Shape, stride: Int) {
    precondition(x.count == 3 && weight.count == 3, "\(x) and \(weight) have 3 axes")
    precondition(weight[1] == x[2] && weight[2] == Self.taps, "no convolution of \(x) by \(weight)")
    batch = x[0]
    inputRows = x[1]
    inputChannels = x[2]
    outputTime = (x[1] - Self.taps) / stride + 1
    outputChannels = weight[0]
    self.stride = stride
  }

  private var outputRows: Int { outputTime + 2 }
  private var inputSize: Int { inputRows * inputChannels }
  private var outputSize: Int { outputRows * outputChannels }
  private var unfoldedWidth: Int { Self.taps * inputChannels }

  /// `[out, in, 3]` → `[out, 3, in]`, the order in which the unfolded input has its numbers.
  func pack(_ weight: Tensor) -> Tensor {
    let packed = Tensor(uninitialized: [outputChannels, unfoldedWidth])
    Kernels.forEachRowBlock(of: outputChannels, width: unfoldedWidth) { channels, _ in
      for out in channels {
        ck_transpose(
          packed.freshPointer + out * unfoldedWidth, weight.readPointer + out * unfoldedWidth,
          inputChannels, Self.taps)
      }
    }
    return packed
  }

  private func unpack(_ packed: Tensor) -> Tensor {
    let weight = Tensor(uninitialized: [outputChannels, inputChannels, Self.taps])
    Kernels.forEachRowBlock(of: outputChannels, width: unfoldedWidth) { channels, _ in
      for out in channels {
        ck_transpose(
          weight.freshPointer + out * unfoldedWidth, packed.readPointer + out * unfoldedWidth,
          Self.taps, inputChannels)
      }
    }
    return weight
  }

  /// One clip's unfolded input, `[time, 3 · in]`, whose rows overlap.
  private func unfolded(_ x: ProductOperand, clip: Int) -> MatrixView {
    MatrixView(
      x,
      MatrixLayout(
        outputTime, unfoldedWidth, start: clip * inputSize, stride: stride * inputChannels))
  }

  /// One clip's output rows without their padding, `[time, out]`.
  private func interior(_ dy: ProductOperand, clip: Int) -> MatrixView {
    MatrixView(
      dy, MatrixLayout(outputTime, outputChannels, start: clip * outputSize + outputChannels))
  }

  /// The unfolded input's columns, as runs of taps that fall on different rows for all t.
  private var tapGroups: [Range<Int>] {
    Swift.stride(from: 0, to: Self.taps, by: stride).map {
      $0 * inputChannels..<min($0 + stride, Self.taps) * inputChannels
    }
  }

  /// One clip's output rows without their padding.
  private func interior(_ y: Tensor, clip: Int) -> UnsafeMutablePointer<Float> {
    y.freshPointer + clip * outputSize + outputChannels
  }

  func forward(_ x: ProductOperand, packed: ProductOperand, bias: Tensor) -> Tensor {
    let y = Tensor(uninitialized: [batch, outputRows, outputChannels])
    WorkPool.shared.forEach(batch) { clip in
      let target = interior(y, clip: clip)
      // The product adds to the bias that is already there.
      for row in 0..<outputTime {
        (target + row * outputChannels).update(from: bias.readPointer, count: outputChannels)
      }
      (target - outputChannels).update(repeating: 0, count: outputChannels)
      (target + outputTime * outputChannels).update(repeating: 0, count: outputChannels)
      for columns in tapGroups {
        MatrixProduct.multiply(
          unfolded(x, clip: clip).columns(columns), MatrixView(packed).columns(columns).transposed,
          into: target, stride: outputChannels, beta: 1)
      }
    }
    return y
  }

  func inputGradient(_ dy: ProductOperand, packed: ProductOperand) -> Tensor {
    let dx = Tensor(uninitialized: [batch, inputRows, inputChannels])
    WorkPool.shared.forEach(batch) { clip in
      let target = dx.freshPointer + clip * inputSize
      target.update(repeating: 0, count: inputSize)
      for columns in tapGroups {
        MatrixProduct.multiply(
          interior(dy, clip: clip), MatrixView(packed).columns(columns),
          into: target + columns.lowerBound, stride: stride * inputChannels, beta: 1)
      }
      // What would flow into the padding goes nowhere.
      target.update(repeating: 0, count: inputChannels)
      (target + inputSize - inputChannels).update(repeating: 0, count: inputChannels)
    }
    return dx
  }

  func weightGradient(_ dy: ProductOperand, x: ProductOperand) -> Tensor {
    let gradient = Tensor(uninitialized: [outputChannels, unfoldedWidth])
    // Each block of the result sums over the clips in their order.
    let (rowSize, columnSize) = (128, min(384, stride * inputChannels))
    let rowBlocks = (outputChannels + rowSize - 1) / rowSize
    let columnBlocks = (unfoldedWidth + columnSize - 1) / columnSize
    WorkPool.shared.forEach(rowBlocks * columnBlocks) { block in
      let row = block / columnBlocks * rowSize
      let column = block % columnBlocks * columnSize
      let rows = row..<min(outputChannels, row + rowSize)
      let columns = column..<min(unfoldedWidth, column + columnSize)
      for clip in 0..<batch {
        MatrixProduct.multiply(
          interior(dy, clip: clip).columns(rows).transposed,
          unfolded(x, clip: clip).columns(columns),
          into: gradient.freshPointer + row * unfoldedWidth + column, stride: unfoldedWidth,
          beta: clip == 0 ? 0 : 1)
      }
    }
    return unpack(gradient)
  }

  func biasGradient(_ dy: Tensor) -> Tensor {
    var sum = Tensor(zeros: [outputChannels])
    for clip in 0..<batch {
      let rows = dy.rows(clip..<clip + 1).reshaped(to: [outputRows, outputChannels])
      Kernels.accumulate(&sum, Kernels.columnSum(rows.rows(1..<outputTime + 1)))
    }
    return sum
  }
}

/// Adds a row of zeros before and after each clip, as the input of `convolve` needs them.
///
/// - Parameter x: `[batch, time, channels]`
/// - Returns: `[batch, time + 2, channels]`
func padOverTime(_ x: Tensor) -> Tensor {
  let (batch, size, channels) = (x.shape[0], x.shape[1] * x.shape[2], x.shape[2])
  let y = Tensor(uninitialized: [batch, x.shape[1] + 2, channels])
  WorkPool.shared.forEach(batch) { clip in
    let target = y.freshPointer + clip * (size + 2 * channels)
    target.update(repeating: 0, count: channels)
    (target + channels).update(from: x.readPointer + clip * size, count: size)
    (target + channels + size).update(repeating: 0, count: channels)
  }
  return y
}

/// Takes the padding off and puts the clips' rows one after another. Gradient: dx is dy with
/// zero rows where the padding was.
///
/// - Parameter x: `[batch, time + 2, channels]`
/// - Returns: `[batch · time, channels]`
func unpadOverTime(_ x: Variable) -> Variable {
  let (batch, time, channels) = (x.shape[0], x.shape[1] - 2, x.shape[2])
  let size = time * channels
  let y = Tensor(uninitialized: [batch * time, channels])
  for clip in 0..<batch {
    (y.freshPointer + clip * size).update(
      from: x.value.readPointer + clip * (size + 2 * channels) + channels, count: size)
  }
  return Variable(y, from: [x]) { dy in
    [padOverTime(dy.reshaped(to: [batch, time, channels]))]
  }
}
