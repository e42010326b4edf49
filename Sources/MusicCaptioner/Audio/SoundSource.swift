import Foundation

/// The bytes that a decoder reads: an open regular file or memory, or what is made of one.
final class SoundSource {
  /// As the user named it.
  let path: String
  /// Of the whole file. Closed with the last reference.
  let descriptor: Descriptor
  /// In bytes.
  let size: Int

  /// What comes before the bytes of the base.
  private let prefix: [UInt8]
  /// What follows it, in order.
  private let pieces: [Piece]
  /// What the pieces are of, the owner of the descriptor; nil if that is this object.
  private let base: SoundSource?
  private var failure: SystemFailure?

  private struct Piece {
    /// Where it begins here.
    let start: Int
    /// Where it is in the base.
    let range: Range<Int>
  }

  /// Takes ownership of the descriptor.
  init(_ descriptor: Descriptor, size: Int, path: String) {
    self.descriptor = descriptor
    self.size = size
    self.path = path
    prefix = []
    pieces = [Piece(start: 0, range: 0..<size)]
    base = nil
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

  /// A part of another source behind other bytes, such as a header in place of a broken one.
  convenience init(_ prefix: [UInt8] = [], part: Range<Int>, of source: SoundSource) {
    self.init(prefix, parts: [part], of: source)
  }

  /// Parts of another source one after another.
  init(_ prefix: [UInt8] = [], parts: [Range<Int>], of source: SoundSource) {
    self.prefix = prefix
    var pieces: [Piece] = []
    var end = prefix.count
    for part in parts {
      let part = part.clamped(to: 0..<source.size)
      if part.isEmpty { continue }
      pieces.append(Piece(start: end, range: part))
      end += part.count
    }
    self.pieces = pieces
    size = end
    path = source.path
    descriptor = source.descriptor
    base = source
  }

  deinit {
    if base == nil { descriptor.drop() }
  }

  /// Why the system refused to read some part of the file, if it did.
  var readFailure: SystemFailure? { base?.readFailure ?? failure }

  /// Throws the error of a read that failed. Decoders take what can't be read for the end of the file.
  func checkReading() throws(AudioError) {
    if let readFailure { throw AudioError(FileError(readFailure, .read, path)) }
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
    var done = max(0, min(wanted, prefix.count - offset))
    if done > 0 { buffer.copyBytes(from: prefix[offset..<offset + done]) }
    if done == wanted { return done }
    var index = pieceIndex(at: offset + done)
    while done < wanted {
      let piece = pieces[index]
      let inner = offset + done - piece.start
      let count = min(wanted - done, piece.range.count - inner)
      let found = read(
        UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count]),
        at: piece.range.lowerBound + inner)
      done += found
      if found < count { break }
      index += 1
    }
    return done
  }

  private func pieceIndex(at offset: Int) -> Int {
    var (low, high) = (0, pieces.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if pieces[middle].start <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }

  private func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    if let base { return base.fill(buffer, at: offset) }
    do throws(SystemFailure) {
      return try descriptor.fill(buffer, at: offset)
    } catch {
      failure = error
      return 0
    }
  }
}
