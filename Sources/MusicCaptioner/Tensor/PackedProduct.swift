import CKernels

/// A product with packed weights, as the threads that compute it share it: addresses and sizes alone.
/// Copying a tensor counts references, and threads that count the same ones block by block wait for each
/// other, some 3 % of a caption's time.
struct PackedProduct {
  /// The weights and the input.
  private enum Operands {
    case float32(UnsafePointer<Float>, UnsafePointer<Float>)
    case bfloat16(WeightPanels.Address, UnsafePointer<UInt16>)
    case int8(QuantizedMatrix.Address, UnsafePointer<UInt8>, scales: UnsafePointer<Float>)
  }

  private let operands: Operands
  private let bias: UnsafePointer<Float>
  private let activation: Activation
  private let result: UnsafeMutablePointer<Float>
  private let rowCount: Int
  private let outputCount: Int
  private let inputCount: Int
  /// Of the result's columns: whole panels of weights.
  private let blocks: PanelBlocks

  /// Up to this many rows, reading float32 weights takes longer than the arithmetic, and the kernel made
  /// for that is faster than the libraries.
  static let fewRows = 32

  /// activation(x · weightᵀ + bias) for each of the weights.
  ///
  /// With few rows the time goes into reading the weights. So the blocks of all products make one
  /// loop, and a thread finishes a block, bias and activation included, before it takes another.
  static func multiply(
    _ x: ProductOperand, _ weights: [(PackedWeight, bias: Tensor)], activation: Activation
  ) -> [Tensor] {
    let results = weights.map { Tensor(uninitialized: [x.rowCount, $0.0.outputCount]) }
    let products = zip(weights, results).map { weight, result in
      PackedProduct(x, weight.0, bias: weight.bias, activation: activation, into: result)
    }
    let blockCount = products.reduce(0) { $0 + $1.blocks.count }
    // Products are bare addresses: the operands must outlive them.
    withExtendedLifetime((x, weights)) {
      products.withUnsafeBufferPointer { products in
        WorkPool.shared.forEach(blockCount) { index in
          var (product, block) = (0, index)
          while block >= products[product].blocks.count {
            block -= products[product].blocks.count
            product += 1
          }
          products[product].compute(products[product].blocks[block])
        }
      }
    }
    return results
  }

  private init(
    _ x: ProductOperand, _ weight: PackedWeight, bias: Tensor, activation: Activation,
    into result: Tensor
  ) {
    precondition(
      weight.inputCount == x.width && bias.count == weight.outputCount,
      "no product of a width of \(x.width) with weights \(weight.outputCount) × "
        + "\(weight.inputCount) and a bias of \(bias.shape)")
    switch (weight, x) {
    case (.float32(let weight), .float32(let x)):
      operands = .float32(weight.readPointer, x.readPointer)
    case (.bfloat16(let weight), .bfloat16(let x)):
      operands = .bfloat16(weight.address, x.bits)
    case (.int8(let weight), .int8(let x)):
      operands = .int8(weight.address, x.bytes, scales: x.scales.readPointer)
    default:
      preconditionFailure("the operands of a product have the same precision")
    }
    self.bias = bias.readPointer
    self.activation = activation
    self.result = result.freshPointer
    rowCount = x.rowCount
    outputCount = weight.outputCount
    inputCount = weight.inputCount
    blocks = PanelBlocks(columns: outputCount, work: rowCount * inputCount)
  }

  /// Some columns of the result, bias and activation included.
  private func compute(_ columns: Range<Int>) {
    let first = columns.lowerBound
    let target = result + first
    switch operands {
    case .float32(let weight, let x):
      ck_product_rows(
        target, outputCount, x, inputCount, weight + first * inputCount, rowCount, columns.count,
        inputCount)
      for row in 0..<rowCount {
        ck_add_bias(target + row * outputCount, bias + first, 1, columns.count)
      }
    case .bfloat16(let weight, let x):
      var epilogue = ck_panel_epilogue()
      epilogue.bias = bias + first
      let panels = weight.panels(from: first)
      if weight.isCompact {
        withUnsafeTemporaryAllocation(
          of: UInt16.self, capacity: WeightPanels.outputsPerPanel * (inputCount + 1)
        ) { wholePanel in
          ck_compact_panels(
            target, outputCount, x, inputCount, panels, &epilogue, rowCount, columns.count,
            inputCount, wholePanel.baseAddress)
        }
      } else {
        ck_bfloat16_panels(
          target, outputCount, x, inputCount, panels, &epilogue, rowCount, columns.count,
          inputCount)
      }
    case .int8(let weight, let x, let rowScales):
      var epilogue = ck_panel_epilogue(
        bias: bias + first, scales: weight.scales + first, row_scales: rowScales,
        offsets: weight.offsets + first)
      ck_int8_panels(
        target, outputCount, x, inputCount, weight.steps.panels(from: first), &epilogue, rowCount,
        columns.count, inputCount)
    }
    guard activation == .gelu else { return }
    for row in 0..<rowCount {
      ck_gelu(target + row * outputCount, target + row * outputCount, columns.count)
    }
  }
}
