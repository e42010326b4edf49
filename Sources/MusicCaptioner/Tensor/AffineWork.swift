import CKernels

/// What the threads that compute an ``AffineMap`` share: addresses and sizes alone. Copying a tensor
/// counts references, and threads that count the same ones block by block wait for each other, some
/// 3 % of a caption's time. Who makes this keeps the memory alive.
struct AffineWork {
  /// The weights and the input.
  enum Operands {
    case float32(UnsafePointer<Float>, UnsafePointer<Float>)
    case bfloat16(WeightPanels.Address, UnsafePointer<UInt16>)
    case int8(QuantizedMatrix.Address, UnsafePointer<UInt8>, scales: UnsafePointer<Float>)
  }

  let operands: Operands
  let bias: UnsafePointer<Float>
  let activation: AffineMap.Activation
  let result: UnsafeMutablePointer<Float>
  let rowCount: Int
  let outputCount: Int
  let inputCount: Int
  /// Of the result's columns: whole panels of weights.
  let blocks: PanelBlocks

  /// Some columns of the result, bias and activation included.
  func compute(_ columns: Range<Int>) {
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
