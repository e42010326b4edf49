import Foundation

/// Random numbers that depend only on a seed, the name of their use and an index: drawing more for
/// one use never shifts another, and a step's numbers can be had without those of the steps before.
public struct RandomSource: RandomNumberGenerator, Sendable, Codable, Equatable {
  private var state: UInt64

  /// - Parameters:
  ///   - seed: The run's seed.
  ///   - stream: What the numbers are for, such as "dropout".
  ///   - index: Which draw of that use, such as the step.
  public init(seed: UInt64, stream: String, index: UInt64 = 0) {
    // The finalizer spreads seed, name and index over all bits.
    var name = FNVHash()
    name.add(stream)
    state = Self.mix(Self.mix(seed ^ name.value) &+ Self.mix(index &+ 0x9e37_79b9_7f4a_7c15))
  }

  /// SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mix(state)
  }

  /// A number in [0, 1) with 24 random bits.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A number in the given range.
  public mutating func uniform(in range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// A whole number in `0..<bound`.
  public mutating func integer(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// A number from the normal distribution with mean 0 and standard deviation 1 (Box and Muller).
  public mutating func normal() -> Float {
    let radius = (-2 * log((Double(next() >> 11) + 1) * 0x1p-53)).squareRoot()
    return Float(radius * cos(2 * .pi * Double(next() >> 11) * 0x1p-53))
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
