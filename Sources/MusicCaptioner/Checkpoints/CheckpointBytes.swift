import Foundation

/// The bytes of a checkpoint file; its errors are `CheckpointError`s.
struct CheckpointBytes {
  private let file: MappedFile

  var path: String { file.path }
  var count: Int { file.count }

  /// - Throws: `CheckpointError` if the file is missing, unreadable or not a regular file.
  init(_ url: URL) throws(CheckpointError) {
    file = try CheckpointError.wrapping { () throws(FileError) in try MappedFile(url) }
  }

  /// Reads the bytes of `range`, which must lie within the file.
  ///
  /// - Throws: `CheckpointError` if it doesn't.
  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(CheckpointError) -> Result {
    try CheckpointError.wrapping { () throws(FileError) in try file.withBytes(range, body) }
  }

  /// A copy of the bytes of `range`.
  func bytes(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
    try withBytes(range) { Array($0) }
  }

  /// The tensor that starts at `offset`, as float32: in place if it is stored so at a multiple of
  /// four, otherwise converted.
  func tensor(_ layout: TensorLayout, at offset: Int) throws(CheckpointError) -> Tensor {
    guard layout.elementCount > 0 else { return Tensor(zeros: layout.shape) }
    return try withBytes(offset..<offset + layout.byteCount) { bytes in
      if layout.elementType == .float32, let start = bytes.baseAddress,
        Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0
      {
        let floats = start.bindMemory(to: Float.self, capacity: layout.elementCount)
        let storage = TensorStorage(readOnly: floats, count: layout.elementCount, owner: file)
        return Tensor(layout.shape, storage: storage, offset: 0)
      }
      return Tensor(decoding: bytes, layout)
    }
  }
}

extension Tensor {
  /// Stored numbers as float32.
  init(decoding bytes: UnsafeRawBufferPointer, _ layout: TensorLayout) {
    self.init(uninitialized: layout.shape)
    withUnsafeMutableBufferPointer {
      ElementConversion.decode(bytes, as: layout.elementType, into: $0)
    }
  }
}

extension Checksum64 {
  /// Adds a tensor's elements to the checksum, as they are in memory.
  package mutating func update(_ tensor: Tensor) {
    tensor.withUnsafeBufferPointer { update(UnsafeRawBufferPointer($0)) }
  }
}
