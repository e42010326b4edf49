import Foundation

/// The bytes of a table, decompressed if necessary. They can be read more than once: the shape of
/// JSON is known only at its end.
struct TableInput {
  /// The file as named by the user, for messages.
  let name: String
  let signature: TableSignature
  private let url: URL?
  /// What came from a pipe or a device.
  private let content: [UInt8]

  /// - Parameter name: The file's name in messages.
  init(_ url: URL, name: String) throws(FileError) {
    self.name = name
    let file = try FileBlocks(url, name: name)
    if file.status.kind == .regular {
      (self.url, content) = (url, [])
      signature = try TableSignature(try file.bytes(8, at: 0), name: name)
    } else {
      self.url = nil
      content = try file.contents()
      signature = try TableSignature(Array(content.prefix(8)), name: name)
    }
  }

  init(_ bytes: [UInt8], name: String) throws(FileError) {
    (self.name, url, content) = (name, nil, bytes)
    signature = try TableSignature(Array(bytes.prefix(8)), name: name)
  }

  /// A reader at the beginning.
  func open() throws(FileError) -> ByteReader {
    try ByteReader(try blocks(), name: name)
  }

  /// The blocks of the decompressed file.
  private func blocks() throws(FileError) -> any ByteSource {
    let source: any ByteSource =
      if let url { try FileBlocks(url, name: name) } else { MemoryBlock(content) }
    switch signature {
    case .gzip: return try DecompressedBlocks(source, .gzip, name: name)
    case .zstd: return try DecompressedBlocks(source, .zstd, name: name)
    case .parquet, .other: return source
    }
  }

  /// For a format that is read from its end. What is compressed is decompressed to memory.
  func openAtRandom() throws(FileError) -> RandomAccessFile {
    guard signature == .parquet || signature == .other else {
      return RandomAccessFile(try blocks().contents(name: name), name: name)
    }
    guard let url else { return RandomAccessFile(content, name: name) }
    return try RandomAccessFile(url, name: name)
  }
}

/// A file of which any part can be read.
final class RandomAccessFile {
  /// As named by the user, for messages.
  let name: String
  /// Where it can be opened again; nil for bytes in memory.
  let path: String?
  let size: Int
  private let file: FileBlocks?
  private let content: [UInt8]

  init(_ url: URL, name: String) throws(FileError) {
    let file = try FileBlocks(url, name: name)
    (self.file, self.name, path) = (file, name, url.path)
    (size, content) = (file.status.size, [])
  }

  init(_ content: [UInt8], name: String) {
    (file, self.name, path) = (nil, name, nil)
    (size, self.content) = (content.count, content)
  }

  /// The bytes of a range, which may not reach beyond the end.
  func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw FileError(.cutShort(expectedBytes: range.upperBound, foundBytes: size), .read, name)
    }
    guard let file else { return Array(content[range]) }
    let bytes = try file.bytes(range.count, at: range.lowerBound)
    guard bytes.count == range.count else {
      let found = range.lowerBound + bytes.count
      throw FileError(.cutShort(expectedBytes: range.upperBound, foundBytes: found), .read, name)
    }
    return bytes
  }
}
