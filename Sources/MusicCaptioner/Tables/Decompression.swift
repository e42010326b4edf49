import CCompression

/// How bytes are compressed.
enum CompressionFormat {
  case gzip, zstd

  var name: String { self == .gzip ? "gzip" : "zstd" }
}

/// A decompressor of zlib or libzstd.
final class Decompressor {
  enum Progress { case more, end, damaged, needsMemory, needsLargeWindow }

  private let stream: OpaquePointer

  /// - Returns: nil if memory is short.
  init?(_ format: CompressionFormat) {
    let stream = ccompression_create(format == .gzip ? ccompression_gzip : ccompression_zstd)
    guard let stream else { return nil }
    self.stream = stream
  }

  deinit { ccompression_destroy(stream) }

  /// Decompresses the bytes of `input` from `start` on, to `output` from `place` on.
  ///
  /// - Returns: How many were used and written, and how far it came.
  func step(
    _ input: [UInt8], from start: Int, to output: inout [UInt8], at place: Int
  ) -> (used: Int, written: Int, progress: Progress) {
    var (used, written) = (input.count - start, output.count - place)
    let state = input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        ccompression_step(
          stream, input.baseAddress.map { $0 + start }, &used,
          output.baseAddress.map { $0 + place }, &written)
      }
    }
    let progress: Progress =
      switch state {
      case ccompression_more: .more
      case ccompression_end: .end
      case ccompression_no_memory: .needsMemory
      case ccompression_large_window: .needsLargeWindow
      default: .damaged
      }
    return (used, written, progress)
  }

  /// The content of a whole block; nil unless it has exactly `count` bytes.
  static func block(_ input: [UInt8], _ format: CompressionFormat, count: Int) -> [UInt8]? {
    guard let decompressor = Decompressor(format) else { return nil }
    // One more, so that there is always room, and more than was promised is noticed.
    var output = [UInt8](repeating: 0, count: count + 1)
    var (used, written) = (0, 0)
    while used < input.count, written <= count {
      let step = decompressor.step(input, from: used, to: &output, at: written)
      used += step.used
      written += step.written
      switch step.progress {
      case .damaged, .needsMemory, .needsLargeWindow: return nil
      case .more where step.used == 0 && step.written == 0: return nil
      case .more, .end: continue
      }
    }
    guard written == count else { return nil }
    output.removeLast()
    return output
  }

  /// The content of a block of Snappy; nil unless it has exactly `count` bytes.
  static func snappyBlock(_ input: [UInt8], count: Int) -> [UInt8]? {
    var output = [UInt8](repeating: 0, count: count)
    let isWhole = input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        ccompression_snappy(input.baseAddress, input.count, output.baseAddress, output.count)
      }
    }
    return isWhole ? output : nil
  }
}

/// Decompresses what a source delivers, in constant memory. Files that were joined (`cat a.gz
/// b.gz`) are read one after another, as the usual tools do.
final class DecompressedBlocks: ByteSource {
  private let source: any ByteSource
  private let format: CompressionFormat
  private let name: String
  private let decompressor: Decompressor
  private var input: [UInt8] = []
  private var used = 0
  private var consumed = 0
  private var produced = 0
  /// Whether a part is complete, and no other one has begun.
  private var isBetween = true

  private static let blockSize = 1 << 18
  /// Real tables shrink to a thousandth at most. What expands further only wastes time.
  private static let (freeBytes, largestRatio) = (1 << 26, 2000)

  init(_ source: any ByteSource, _ format: CompressionFormat, name: String) throws(FileError) {
    (self.source, self.format, self.name) = (source, format, name)
    guard let decompressor = Decompressor(format) else {
      throw FileError(SystemFailure.noMemory, .read, name)
    }
    self.decompressor = decompressor
  }

  func next() throws(FileError) -> [UInt8]? {
    var output = [UInt8](repeating: 0, count: Self.blockSize)
    var written = 0
    while written < output.count {
      if used == input.count {
        guard let more = try source.next() else {
          if isBetween { break }
          throw error(
            "\(format.name) data that is cut off", expected: "all of it; copy it again")
        }
        (input, used) = (more, 0)
        consumed += more.count
      }
      if isBetween, skipPadding() { continue }
      let step = decompressor.step(input, from: used, to: &output, at: written)
      used += step.used
      written += step.written
      isBetween = step.progress == .end
      if step.progress == .needsMemory { throw FileError(SystemFailure.noMemory, .read, name) }
      if step.progress == .needsLargeWindow {
        throw error(
          "\(format.name) data with a window of more than 128 MiB", expected: "a smaller window")
      }
      guard step.progress != .damaged, isBetween || step.used + step.written > 0 else {
        throw error("damaged \(format.name) data", expected: "an undamaged file; copy it again")
      }
    }
    produced += written
    guard produced <= Self.freeBytes || produced / Self.largestRatio <= consumed else {
      throw error(
        "data that expands more than \(Self.largestRatio) times", expected: "a table")
    }
    if written < output.count { output.removeLast(output.count - written) }
    return output.isEmpty ? nil : output
  }

  /// Skips the zeros with which tapes and some tools fill up a file.
  ///
  /// - Returns: Whether all of the input was padding.
  private func skipPadding() -> Bool {
    while used < input.count, input[used] == 0 { used += 1 }
    return used == input.count
  }

  private func error(_ found: String, expected: String) -> FileError {
    FileError(.value(place: "", found: found, expected: expected), .read, name)
  }
}
