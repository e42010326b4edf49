import CKernels
import Foundation
import Testing

@testable import MusicCaptioner

@Suite("Kernels of attention") struct KernelTestsAttention {
  private static let heads = 3
  private static let storedRows = 40

  /// Queries of three heads over keys and values whose rows have two numbers more than they need.
  private struct Inputs {
    let width: Int
    let q: [Float]
    let k: [Float]
    let v: [Float]
    /// The rows that the query sees.
    let index: [Int32]

    var stride: Int { heads * width + 2 }

    init(width: Int, count: Int, _ random: inout RandomSource) {
      self.width = width
      let stored = storedRows * (heads * width + 2)
      q = KernelTest.normals(heads * width, &random)
      // Numbers that bfloat16 has, so that both kernels have the same to compute.
      k = KernelTest.normals(stored, &random).map { KernelTestsAttention.rounded($0) }
      v = KernelTest.normals(stored, &random).map { KernelTestsAttention.rounded($0) }
      index = (0..<count).map { _ in Int32(random.integer(below: storedRows)) }
    }

    /// Attention in double over the rows of the index, or over the first ones.
    func attended(gathered: Bool) -> [Double] {
      let rows = index.indices.map { (gathered ? Int(index[$0]) : $0) * stride }
      return (0..<heads).flatMap { head -> [Double] in
        let first = head * width
        let scores = rows.map { row in
          0.3
            * (0..<width).reduce(0.0) {
              $0 + Double(q[first + $1]) * Double(k[row + first + $1])
            }
        }
        let best = scores.max() ?? 0
        let weights = scores.map { exp($0 - best) }
        let sum = weights.reduce(0, +)
        return (0..<width).map { column in
          zip(rows, weights).reduce(0.0) { $0 + $1.1 / sum * Double(v[$1.0 + first + column]) }
        }
      }
    }
  }

  private static func rounded(_ x: Float) -> Float {
    var bits: UInt16 = 0
    ck_float_to_bfloat16(&bits, [x], 1)
    return Float(bitPattern: UInt32(bits) << 16)
  }

  private static func upperHalves(_ x: some Sequence<Float>) -> [UInt16] {
    x.map { UInt16($0.bitPattern >> 16) }
  }

  /// Calls the body with inputs of widths around vectors and counts around the tile of four.
  private func eachInput(_ body: (_ label: String, Inputs, _ gathered: Bool) -> Void) {
    var random = RandomSource(seed: 2, stream: "attend")
    KernelTest.eachLevel { level in
      for width in [1, 5, 8, 16, 24, 32, 40, 63, 64, 119] {
        for count in [0, 1, 3, 4, 9, 33] {
          let inputs = Inputs(width: width, count: count, &random)
          for gathered in [true, false] {
            body("\(level) \(width) \(count) \(gathered) seed 2", inputs, gathered)
          }
        }
      }
    }
  }

  @Test func attentionOfOnePositionOverGatheredRows() {
    eachInput { label, inputs, gathered in
      var scratch = [Float](repeating: 0, count: inputs.index.count)
      let got = KernelTest.output(inputs.q.count) { out in
        for first in stride(from: 0, to: inputs.q.count, by: inputs.width) {
          ck_attend(
            out + first, Array(inputs.q[first...]), Array(inputs.k[first...]),
            Array(inputs.v[first...]), gathered ? inputs.index : nil, inputs.index.count,
            inputs.stride, inputs.width, 0.3, &scratch)
        }
      }
      expectClose(got, inputs.attended(gathered: gathered), absolute: 1e-5, label)
    }
  }

  @Test func attentionOverBFloat16EqualsThatOverTheSameNumbers() {
    eachInput { label, inputs, gathered in
      var scratch = [Float](repeating: 0, count: inputs.index.count)
      let got = KernelTest.output(inputs.q.count) { out in
        for first in stride(from: 0, to: inputs.q.count, by: inputs.width) {
          ck_attend_bfloat16(
            out + first, Array(inputs.q[first...]), Self.upperHalves(inputs.k[first...]),
            Self.upperHalves(inputs.v[first...]), gathered ? inputs.index : nil,
            inputs.index.count, inputs.stride, inputs.width, 0.3, &scratch)
        }
      }
      expectClose(got, inputs.attended(gathered: gathered), absolute: 1e-5, label)
    }
  }
}
