/// One thread's buffers while it processes a clip, on 64-byte boundaries for FFTW's SIMD code.
///
/// Frames are processed in blocks: mel filters have one to twenty bins, too few and too uneven to
/// vectorize along, so the kernels run along the frames of a block instead.
struct LogMelScratch: ~Copyable {
  /// Frames per block: long rows for the kernels, with all buffers in the L2 cache.
  static let blockFrames = 64

  let binCount: Int
  /// [fftSize]: the windowed samples.
  let frame: UnsafeMutablePointer<Float>
  /// [fftSize / 2, 2]: real and imaginary parts of the transformed pairs of samples.
  let spectrum: UnsafeMutablePointer<Float>
  /// [frames, binCount]: the squared spectra of a block.
  let powers: UnsafeMutablePointer<Float>
  /// [binCount, frames]: the same, transposed.
  let columns: UnsafeMutablePointer<Float>
  /// [mels, frames]
  let bands: UnsafeMutablePointer<Float>

  init(size: Int, melCount: Int) {
    binCount = size / 2 + 1
    frame = Self.allocate(size)
    spectrum = Self.allocate(size)
    powers = Self.allocate(Self.blockFrames * binCount)
    columns = Self.allocate(Self.blockFrames * binCount)
    bands = Self.allocate(Self.blockFrames * melCount)
  }

  deinit {
    SystemMemory.release(frame)
    SystemMemory.release(spectrum)
    SystemMemory.release(powers)
    SystemMemory.release(columns)
    SystemMemory.release(bands)
  }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
    let byteCount = max(64, count * MemoryLayout<Float>.stride)
    return SystemMemory.require(byteCount, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
  }
}
