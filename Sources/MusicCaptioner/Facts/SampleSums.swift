/// Sums over samples, eight at a time.
enum SampleSums {
  /// The largest absolute value.
  static func peak(_ samples: ArraySlice<Float>) -> Float {
    // Without the sign bit, floats sort like integers, whose maximum takes no branches.
    var largest: UInt32 = 0
    samples.withUnsafeBufferPointer { input in
      for sample in input { largest = max(largest, sample.bitPattern & 0x7fff_ffff) }
    }
    return Float(bitPattern: largest)
  }

  /// Σ x²
  static func squares(_ samples: ArraySlice<Float>) -> Float {
    samples.withUnsafeBufferPointer { input in
      var sums = SIMD8<Float>.zero
      let whole = input.count & ~7
      for index in stride(from: 0, to: whole, by: 8) {
        let values = SIMD8(
          input[index], input[index + 1], input[index + 2], input[index + 3], input[index + 4],
          input[index + 5], input[index + 6], input[index + 7])
        sums += values * values
      }
      var sum = sums.sum()
      for index in whole..<input.count { sum += input[index] * input[index] }
      return sum
    }
  }

  /// Σ (left − right)² of interleaved samples of two channels.
  static func squaredDifferences(_ samples: ArraySlice<Float>) -> Float {
    samples.withUnsafeBufferPointer { input in
      var sums = SIMD4<Float>.zero
      let whole = input.count & ~7
      for index in stride(from: 0, to: whole, by: 8) {
        let left = SIMD4(input[index], input[index + 2], input[index + 4], input[index + 6])
        let right = SIMD4(input[index + 1], input[index + 3], input[index + 5], input[index + 7])
        let differences = left - right
        sums += differences * differences
      }
      var sum = sums.sum()
      for index in stride(from: whole, to: input.count - 1, by: 2) {
        let difference = input[index] - input[index + 1]
        sum += difference * difference
      }
      return sum
    }
  }
}
