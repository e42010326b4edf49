/// The bytes that a decoder reads: an open regular file, or memory. Closed with the last reference.
final class SoundSource {
  /// As the user named it.
  let path: String
  let descriptor: Descriptor
  /// In bytes.
  let size: Int

  /// Takes ownership of the descriptor.
  init(_ descriptor: Descriptor, size: Int, path: String) {
    self.descriptor = descriptor
    self.size = size
    self.path = path
  }

  deinit { descriptor.drop() }

  /// The bytes at an offset; fewer at the end of the file, or where the file can't be read.
  func bytes(_ count: Int, at offset: Int) -> [UInt8] {
    (try? descriptor.bytes(count, at: offset)) ?? []
  }

  /// Fills `buffer` with the bytes at an offset.
  ///
  /// - Returns: The number of bytes; fewer at the end of the file, or where the file can't be read.
  func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    (try? descriptor.fill(buffer, at: offset)) ?? 0
  }
}
