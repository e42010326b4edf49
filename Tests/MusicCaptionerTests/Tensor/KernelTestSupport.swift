import CKernels
import Testing

@testable import MusicCaptioner

/// What the tests of the vector kernels share.
enum KernelTest {
  /// Below, at and above the vector widths 4, 8 and 16, and some of several vectors.
  static let sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 1000]

  static let levels = [CK_BASELINE, CK_AVX2, CK_AVX512, CK_AVX512_VNNI, CK_AVX512_BF16]

  /// Runs the body once in every variant that this processor has.
  static func eachLevel(_ body: (String) throws -> Void) rethrows {
    defer { _ = ck_set_level(ck_best_level()) }
    for level in levels where ck_set_level(level) == 1 {
      try body(String(cString: ck_level_name(level)))
    }
  }

  /// Calls the kernel with room for `count` numbers at an odd address and checks that it writes
  /// nothing behind them.
  static func output(
    _ count: Int, start: [Float]? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ kernel: (UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    let guardValue: Float = -12345.5
    var memory = [Float](repeating: guardValue, count: count + 33)
    if let start { memory.replaceSubrange(1..<(1 + count), with: start) }
    memory.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { kernel(base + 1) }
    }
    #expect(
      memory[0] == guardValue && memory[(count + 1)...].allSatisfy { $0 == guardValue },
      "wrote outside", sourceLocation: sourceLocation)
    return Array(memory[1..<(1 + count)])
  }

  static func normals(_ count: Int, _ random: inout RandomSource, scale: Float = 1) -> [Float] {
    (0..<count).map { _ in random.normal() * scale }
  }
}

/// |got − want| ≤ absolute + relative·|want| for every number; NaN and infinities must agree.
func expectClose(
  _ got: [Float], _ want: [Double], relative: Double = 0, absolute: Double = 0,
  _ label: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard got.count == want.count else {
    Issue.record(
      "\(label()): \(got.count) numbers, not \(want.count)", sourceLocation: sourceLocation)
    return
  }
  for (index, (found, expected)) in zip(got, want).enumerated() {
    let value = Double(found)
    let rounded = Float(expected)
    let agrees =
      expected.isNaN
      ? value.isNaN
      : rounded.isInfinite
        ? found == rounded : abs(value - expected) <= absolute + relative * abs(expected)
    if !agrees {
      Issue.record(
        "\(label()): number \(index) is \(found), not \(expected)", sourceLocation: sourceLocation)
      return
    }
  }
}
