/// Reads the samples of a NumPy array file, as the official data code stores clips: `[samples]` or
/// `[channels, samples]`, full scale ±1 (integers of 16 bits: ±32,768).
///
/// The file says no rate; the official data are at 16 kHz.
final class NumpyDecoder: SoundDecoder {
  let sampleRate = 16_000
  let channelCount: Int
  let declaredFrameCount: Int?
  let warnings: [AudioWarning]

  private let source: SoundSource
  private let header: NumpyHeader
  private let frameCount: Int
  private var position = 0

  /// - Returns: Nil if the file isn't an array.
  init?(_ source: SoundSource) throws(AudioError) {
    guard NumpyHeader.isNumpy(source.bytes(6, at: 0)) else { return nil }
    func refusal(_ found: String) -> AudioError {
      AudioError(.badHeader(format: "NumPy", found: found), file: source.path)
    }
    let header: NumpyHeader
    do throws(NumpyHeader.Fault) {
      header = try NumpyHeader { source.bytes($1, at: $0) }
    } catch {
      throw refusal("found \(error.found)")
    }
    let shape = header.shape
    let (elements, isTooLarge) = shape.reduce((1, false)) { product, size in
      let (value, overflow) = product.0.multipliedReportingOverflow(by: size)
      return (value, product.1 || overflow || value > 1 << 48)
    }
    guard [1, 2].contains(shape.count), !isTooLarge else {
      throw refusal("found the shape \(shape); expected [samples] or [channels, samples]")
    }
    let channels = shape.count == 1 ? 1 : shape[0]
    // No recording has that many; an array of frames by channels does.
    guard channels <= 64 else {
      throw refusal(
        "found the shape \(shape); expected [samples] or [channels, samples]: transpose it")
    }
    let present = (source.size - header.byteCount) / header.element.byteCount
    if present < elements, channels > 1, !header.isFortran {
      throw refusal("it is cut short: found \(present) of \(elements) elements")
    }
    self.source = source
    self.header = header
    channelCount = max(1, channels)
    declaredFrameCount = elements / max(1, channels)
    frameCount = min(elements, present) / max(1, channels)
    let end = header.byteCount + elements * header.element.byteCount
    warnings =
      source.size > end
      ? [.damaged("\(source.size - end) bytes after the array are left out")] : []
  }

  func seek(to frame: Int) -> Bool {
    guard (0...frameCount).contains(frame) else { return false }
    position = frame
    return true
  }

  func read(
    _ frameCount: Int, into samples: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError) -> Int {
    let count = min(frameCount, self.frameCount - position)
    if channelCount == 1 || header.isFortran {
      let values = elements(from: position * channelCount, count: count * channelCount)
      for (index, value) in values.enumerated() { samples[index] = value }
      position += values.count / channelCount
      return values.count / channelCount
    }
    for channel in 0..<channelCount {
      let values = elements(from: channel * self.frameCount + position, count: count)
      // The file has become shorter meanwhile.
      if values.count < count { return 0 }
      for (index, value) in values.enumerated() { samples[index * channelCount + channel] = value }
    }
    position += count
    return count
  }

  private func elements(from first: Int, count: Int) -> [Float] {
    let size = header.element.byteCount
    let bytes = source.bytes(count * size, at: header.byteCount + first * size)
    let isBig = header.isBigEndian
    return (0..<bytes.count / size).map { index in
      let bits = (0..<size).reduce(UInt64(0)) { bits, byte in
        bits << 8 | UInt64(bytes[index * size + (isBig ? byte : size - 1 - byte)])
      }
      return switch header.element {
      case .float16: Float(Float16(bitPattern: UInt16(bits)))
      case .float32: Float(bitPattern: UInt32(bits))
      case .float64: Float(Double(bitPattern: bits))
      case .int16: Float(Int16(bitPattern: UInt16(bits))) / 32_768
      }
    }
  }
}
