import Foundation

/// Sines in the first half of each row, cosines in the second, at wavelengths from 2π to 10,000·2π:
/// Whisper's positions for encoder inputs, computed in double.
///
/// - Returns: `[length, width]`, row-major
func sinusoids(length: Int, width: Int) -> [Float] {
  let half = width / 2
  let increment = log(10_000.0) / Double(max(1, half - 1))
  var table = [Float](repeating: 0, count: length * width)
  for position in 0..<length {
    for index in 0..<half {
      let angle = Double(position) * exp(-increment * Double(index))
      table[position * width + index] = Float(sin(angle))
      table[position * width + half + index] = Float(cos(angle))
    }
  }
  return table
}
