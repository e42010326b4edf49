/// y = activation(x · weightᵀ + bias), for passes that record nothing.
struct AffineMap {
  enum Activation { case identity, gelu }

  let weight: InferenceWeight  // [out, in]
  let bias: Tensor  // `out` elements
  var activation = Activation.identity

  /// `[rows, in]` → `[rows, out]`
  func callAsFunction(_ x: Tensor) -> Tensor { Self.apply([self], to: x)[0] }

  /// Several maps of one input, whose weights have the same precision: `[rows, in]` → `[rows, out]`
  /// each.
  static func apply(_ maps: [AffineMap], to x: Tensor) -> [Tensor] {
    guard let precision = maps.first?.weight.precision else { return [] }
    for map in maps {
      precondition(
        map.weight.precision == precision && map.weight.inputCount == x.width
          && map.bias.count == map.weight.outputCount,
        "no map of \(x.shape) to \(map.bias.shape) by \(map.weight.inputCount) inputs")
    }
    let input = Input(x, precision)
    if precision == .float32, x.rowCount > fewRows {
      return maps.map { $0.ofManyRows(x) }
    }
    return applyInBlocks(maps, to: input, rowCount: x.rowCount, width: x.width)
  }

  /// The input in the numbers of the weights.
  private enum Input {
    case float32(Tensor)
    case bfloat16(BFloat16Matrix)
    case int8(QuantizedRows)

    init(_ x: Tensor, _ precision: ComputePrecision) {
      switch precision {
      case .float32: self = .float32(x)
      case .bfloat16: self = .bfloat16(BFloat16Matrix(rounding: x))
      case .int8: self = .int8(QuantizedRows(rounding: x))
      }
    }
  }

  /// Up to so many rows, reading float32 weights takes longer than the arithmetic, and the kernel made
  /// for that is faster than the libraries.
  private static let fewRows = 32

  /// With few rows the time goes into reading the weights. So the blocks of all products make one
  /// loop, and a thread ends its block, bias and activation included, before it takes another.
  private static func applyInBlocks(
    _ maps: [AffineMap], to input: Input, rowCount: Int, width: Int
  ) -> [Tensor] {
    let results = maps.map { Tensor(uninitialized: [rowCount, $0.weight.outputCount]) }
    let works = zip(maps, results).map { $0.work(on: input, into: $1) }
    let blockCount = works.reduce(0) { $0 + $1.blocks.count }
    works.withUnsafeBufferPointer { works in
      WorkPool.shared.forEach(blockCount) { index in
        var (map, block) = (0, index)
        while block >= works[map].blocks.count {
          block -= works[map].blocks.count
          map += 1
        }
        works[map].compute(works[map].blocks[block])
      }
    }
    withExtendedLifetime((maps, input)) {}
    return results
  }

  private func work(on input: Input, into y: Tensor) -> AffineWork {
    let operands: AffineWork.Operands
    switch (weight, input) {
    case (.float32(let weight), .float32(let x)):
      operands = .float32(weight.readPointer, x.readPointer)
    case (.bfloat16(let weight), .bfloat16(let x)):
      operands = .bfloat16(weight.address, x.bits)
    case (.int8(let weight), .int8(let x)):
      operands = .int8(weight.address, x.bytes, scales: x.scales.readPointer)
    default:
      preconditionFailure("the operands of a product have the same precision")
    }
    return AffineWork(
      operands: operands, bias: bias.readPointer, activation: activation, result: y.freshPointer,
      rowCount: y.rowCount, outputCount: y.width, inputCount: weight.inputCount,
      blocks: PanelBlocks(columns: y.width, work: y.rowCount * weight.inputCount))
  }

  private func ofManyRows(_ x: Tensor) -> Tensor {
    guard case .float32(let weight) = weight else {
      preconditionFailure("the operands of a product have the same precision")
    }
    let y = matrixProduct(x, weight, transposing: .right)
    Kernels.addBias(bias, toFresh: y)
    return activation == .gelu ? Kernels.gelu(y) : y
  }
}
