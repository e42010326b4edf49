import Testing

@testable import MusicCaptioner

/// Compares an operation's pullback with central differences of its forward pass.
///
/// The output is projected on a fixed random cotangent: a plain sum would feed ones back and could
/// not see a transposed or permuted gradient. Projections are summed in double; what is left is
/// the forward pass's float32 rounding over the step, and the step's curvature.
struct GradientCheck {
  /// Inputs, whose gradients are checked one by one.
  let inputs: [Tensor]
  let operation: ([Variable]) -> Variable
  /// Allowed error, relative to the largest gradient of the input.
  var tolerance = 2e-3
  var step: Float = 1e-2
  /// Elements checked in each input, spread evenly.
  var samples = 24

  func run(
    _ name: String, seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var gradients: [Tensor?] = inputs.map { _ in nil }
    let tape = Tape()
    let owners = inputs.map { _ in Owner() }
    let variables = inputs.indices.map { index in
      tape.leaf(inputs[index], of: owners[index]) { gradients[index] = $0 }
    }
    let output = operation(variables)
    let cotangent = randomTensor(output.shape, seed: seed &+ 77)
    tape.backward(from: output, cotangent: cotangent)

    for (index, input) in inputs.enumerated() where input.count > 0 {
      guard let gradient = gradients[index] else {
        Issue.record("\(name): input \(index) got no gradient", sourceLocation: sourceLocation)
        continue
      }
      #expect(
        gradient.count == input.count, "\(name): input \(index)", sourceLocation: sourceLocation)
      let analytic = gradient.values.map(Double.init)
      let scale = max(analytic.map(abs).max() ?? 0, 1e-3)
      let jump = max(1, input.count / samples)
      for element in stride(from: 0, to: input.count, by: jump) {
        let numeric = centralDifference(index, element, cotangent)
        let error = abs(numeric - analytic[element]) / scale
        #expect(
          error < tolerance,
          """
          \(name), seed \(seed): input \(index) of \(input.shape), element \(element): \
          pullback \(analytic[element]), differences \(numeric)
          """, sourceLocation: sourceLocation)
      }
    }
  }

  private final class Owner {}

  private func centralDifference(_ index: Int, _ element: Int, _ cotangent: Tensor) -> Double {
    func projection(_ offset: Float) -> (value: Double, at: Float) {
      var moved = inputs
      var at: Float = 0
      moved[index].withUnsafeMutableBufferPointer {
        $0[element] += offset
        at = $0[element]
      }
      let output = operation(moved.map(Variable.init)).value.values
      return (zip(output, cotangent.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }, at)
    }
    let (up, above) = projection(step)
    let (down, below) = projection(-step)
    return (up - down) / Double(above - below)
  }
}

/// Numbers from the normal distribution.
func randomTensor(_ shape: Shape, seed: UInt64, deviation: Float = 1) -> Tensor {
  var random = RandomSource(seed: seed, stream: "test")
  return Tensor(shape, (0..<shape.elementCount).map { _ in deviation * random.normal() })
}

/// The transpose of a matrix.
func transpose(_ x: Tensor) -> Tensor {
  let (rows, columns, values) = (x.rowCount, x.width, x.values)
  return Tensor(
    [columns, rows], (0..<x.count).map { values[$0 % rows * columns + $0 / rows] })
}

/// The nearest bfloat16 numbers, ties to even, as floats.
func roundedToBFloat16(_ x: Tensor) -> Tensor {
  Tensor(
    x.shape,
    x.values.map { value in
      let bits = value.bitPattern
      return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
    })
}

/// The largest absolute difference between two tensors of one shape.
func largestDifference(_ a: Tensor, _ b: Tensor) -> Double {
  precondition(a.count == b.count)
  return zip(a.values, b.values).map { abs(Double($0) - Double($1)) }.max() ?? 0
}
