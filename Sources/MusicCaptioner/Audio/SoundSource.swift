import Foundation

/// The bytes that a decoder reads: an open regular file or memory, or what is made of one.
final class SoundSource {
  /// As the user named it.
  let path: String
  /// Of the whole file. Closed with the last reference.
  let descriptor: Descriptor
  /// In bytes.
  let size: Int

  /// What comes before the bytes of the file.
  private let prefix: [UInt8]
  /// Where in the file its bytes begin.
  private let start: Int
  /// The owner of the descriptor; nil if that is this object.
  private let owner: SoundSource?

  /// Takes ownership of the descriptor.
  init(_ descriptor: Descriptor, size: Int, path: String) {
    self.descriptor = descriptor
    self.size = size
    self.path = path
    prefix = []
    start = 0
    owner = nil
  }

  /// A file in memory.
  convenience init(inMemory content: some ContiguousBytes, path: String) throws(AudioError) {
    let opened: Result<(Descriptor, Int), SystemFailure> = content.withUnsafeBytes { bytes in
      Result { () throws(SystemFailure) in (try Descriptor(inMemory: bytes), bytes.count) }
    }
    do throws(SystemFailure) {
      let (descriptor, size) = try opened.get()
      self.init(descriptor, size: size, path: path)
    } catch {
      throw AudioError(FileError(error, .read, path))
    }
  }

  /// A part of another source's file behind other bytes, such as a header in place of a broken one.
  init(_ prefix: [UInt8] = [], part: Range<Int>, of source: SoundSource) {
    let part = part.clamped(to: 0..<source.size)
    self.prefix = prefix
    start = source.start + part.lowerBound
    size = prefix.count + part.count
    path = source.path
    descriptor = source.descriptor
    owner = source
  }

  deinit {
    if owner == nil { descriptor.drop() }
  }

  /// The bytes at an offset; fewer at the end of the file, or where the file can't be read.
  func bytes(_ count: Int, at offset: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: max(0, min(count, size - offset)))
    let found = bytes.withUnsafeMutableBytes { fill($0, at: offset) }
    bytes.removeLast(bytes.count - found)
    return bytes
  }

  /// Fills `buffer` with the bytes at an offset.
  ///
  /// - Returns: The number of bytes; fewer at the end of the file, or where the file can't be read.
  func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    let wanted = max(0, min(buffer.count, size - offset))
    let before = max(0, min(wanted, prefix.count - offset))
    if before > 0 { buffer.copyBytes(from: prefix[offset..<offset + before]) }
    if before == wanted { return wanted }
    let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[before..<wanted])
    let found = try? descriptor.fill(rest, at: start + offset + before - prefix.count)
    return before + (found ?? 0)
  }
}
