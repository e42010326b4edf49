/// Correlations of curves with each other and with themselves, summed over windows of the music.
struct Correlation {
  /// For lags of 0, 1, 2 … points.
  private(set) var values: [Float]
  private var products: [Float]

  init(lagCount: Int) {
    values = Array(repeating: 0, count: lagCount)
    products = values
  }

  /// Adds `weight` times the normalized correlation of a window: 1 where the curves are the same and
  /// the lag is 0. Lags that leave fewer products count as much as others, down to a quarter of the
  /// window.
  mutating func add(_ a: [Float], _ b: [Float], weight: Float) {
    let norm = (Self.energy(a) * Self.energy(b)).squareRoot()
    let count = a.count
    guard norm > 0, norm.isFinite, count == b.count else { return }
    for lag in products.indices { products[lag] = 0 }
    accumulate(a, b, scale: a == b ? 1 : 0.5)
    if a != b { accumulate(b, a, scale: 0.5) }
    for lag in 0..<min(values.count, count) {
      let share = Float(max(count - lag, count / 4)) / Float(count)
      values[lag] += weight * products[lag] / (norm * share)
    }
  }

  private static func energy(_ curve: [Float]) -> Float {
    curve.reduce(0) { $0 + $1 * $1 }
  }

  /// products[lag] += scale · Σ a[i] · b[i + lag]
  private mutating func accumulate(_ a: [Float], _ b: [Float], scale: Float) {
    let count = a.count
    let lagCount = products.count
    // Four at a time, with zeros after the end.
    let a = a + [0, 0, 0]
    let b = b + Array(repeating: 0, count: 6)
    // Over lags inside, which the compiler can vectorize: every lag has a sum of its own.
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        products.withUnsafeMutableBufferPointer { products in
          for i in stride(from: 0, to: count, by: 4) {
            let (s, t) = (scale * a[i], scale * a[i + 1])
            let (u, v) = (scale * a[i + 2], scale * a[i + 3])
            for lag in 0..<min(lagCount, count - i) {
              let j = i + lag
              products[lag] += s * b[j] + t * b[j + 1] + u * b[j + 2] + v * b[j + 3]
            }
          }
        }
      }
    }
  }

  /// Between the points, linearly; 0 beyond the last.
  func callAsFunction(_ lag: Double) -> Float { Interpolation.value(of: values, at: lag) }
}

/// Values between the points of a curve.
enum Interpolation {
  /// On the line between the two points beside the place; 0 beyond the last point.
  static func value(of curve: [Float], at place: Double) -> Float {
    guard place >= 0, place < Double(curve.count - 1) else { return 0 }
    let index = Int(place)
    let fraction = Float(place - Double(index))
    return curve[index] + fraction * (curve[index + 1] - curve[index])
  }
}
