import Foundation

extension AudioClip {
  /// Writes a 16-bit PCM WAV file; samples beyond full scale are clipped.
  ///
  /// The file is written under a temporary name and gets its own name when it is complete.
  public func writeWave(to url: URL) throws(AudioError) {
    let dataBytes = samples.count * 2
    guard let riffBytes = UInt32(exactly: dataBytes + 36) else {
      throw AudioError(.tooLarge("at most 4 GiB in a WAV file"), file: url.relativePath)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(dataBytes + 44)
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.append(contentsOf: "RIFF".utf8)
    append(riffBytes)
    bytes.append(contentsOf: "WAVEfmt ".utf8)
    append(UInt32(16))
    append(UInt16(1))  // PCM
    append(UInt16(1))  // channels
    append(UInt32(sampleRate))
    append(UInt32(sampleRate * 2))  // bytes per second
    append(UInt16(2))  // bytes per frame
    append(UInt16(16))  // bits per sample
    bytes.append(contentsOf: "data".utf8)
    append(riffBytes - 36)
    // Readers divide by 32,768, so that is the factor for full scale.
    let values = samples.map { sample in
      Int16(max(-32_768, min(32_767, (sample * 32_768).rounded()))).littleEndian
    }
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }

    do throws(FileError) {
      try AtomicFile.write(bytes, to: url)
    } catch {
      throw AudioError(error)
    }
  }
}
