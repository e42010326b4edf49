import Foundation

/// Bounds on what a file may make us hold at once.
package enum FileLimits {
  /// The largest row of a table, in bytes: an unclosed quote must not swallow a whole file.
  package static let recordBytes = 16 << 20
  /// The largest file that is read as a whole, in bytes.
  package static let contentBytes = 4 << 30
  /// How deep JSON may nest.
  package static let depth = 64
}

/// The bytes of a file, read in blocks of fixed size, with the line they stand on.
///
/// Tables of millions of rows pass through in constant memory, and a file that shrinks while it is
/// read is an early end, not a crash, as it would be with mapped memory.
package struct ByteReader {
  /// The file as the user named it, for messages.
  package let file: String
  /// The line of the next byte, counted from 1.
  private(set) var line = 1

  private let source: OpenFile?
  private var block: [UInt8]
  private var position = 0
  /// Bytes of the blocks before this one.
  private var passed = 0
  private var limit = Int.max
  private static let blockSize = 1 << 18

  /// - Parameter name: What messages call the file, if not by its path.
  package init(_ url: URL, name: String? = nil) throws(FileError) {
    let name = name ?? url.path
    file = name
    block = []
    source = try Self.open(url, name)
    try skipByteOrderMark()
  }

  private static func open(_ url: URL, _ name: String) throws(FileError) -> OpenFile {
    let (file, status) = try FileError.wrapping(.read, name) { () throws(SystemFailure) in
      let file = try OpenFile(opening: url.path, for: .reading)
      return (file, try file.use { (file) throws(SystemFailure) in try file.status() })
    }
    guard status.kind != .folder else {
      throw FileError(.isFolder, .read, name)
    }
    return file
  }

  /// Reads bytes that are already in memory, the first of which stands on `line`.
  package init(_ bytes: [UInt8], name: String, line: Int = 1) throws(FileError) {
    file = name
    source = nil
    block = bytes
    self.line = line
    try skipByteOrderMark()
  }

  /// The bytes of a whole file.
  package static func contents(of url: URL, name: String? = nil) throws(FileError) -> [UInt8] {
    let name = name ?? url.path
    let file = try open(url, name)
    var bytes: [UInt8] = []
    // Devices and the files of /proc don't tell their size: read until nothing comes.
    while true {
      guard let more = try block(of: file, name) else { return bytes }
      bytes += more
      guard bytes.count <= FileLimits.contentBytes else {
        let limit = "a file of \(FileLimits.contentBytes >> 30) GiB at most"
        throw FileError(.tooLarge(line: 1, limit: limit), .read, name)
      }
    }
  }

  /// The first bytes of a file, all of them if there are no more than `count`.
  package static func beginning(of url: URL, _ count: Int) throws(FileError) -> [UInt8] {
    let file = try open(url, url.path)
    return try FileError.wrapping(.read, url.path) { () throws(SystemFailure) in
      try file.use { (file) throws(SystemFailure) in try file.bytes(count) }
    }
  }

  /// The next byte, without taking it; nil at the end.
  @inline(__always)
  package mutating func peek() throws(FileError) -> UInt8? {
    if position == block.count, try !fill() { return nil }
    return block[position]
  }

  /// The byte after the next one.
  package mutating func peekSecond() throws(FileError) -> UInt8? {
    while block.count - position < 2 {
      guard try extend() else { return nil }
    }
    return block[position + 1]
  }

  /// Takes the next byte; nil at the end.
  @inline(__always)
  package mutating func next() throws(FileError) -> UInt8? {
    guard let byte = try peek() else { return nil }
    position += 1
    if byte == UInt8(ascii: "\n") { line += 1 }
    try checkLimit()
    return byte
  }

  /// Takes bytes up to the first at which `isStop` holds, or to the end. A line feed must be a stop.
  ///
  /// Nearly all of a table is text in the middle of a field, and goes this way.
  @inline(__always)
  package mutating func takeRun(
    into bytes: inout [UInt8], until isStop: (UInt8) -> Bool
  ) throws(FileError) {
    while try peek() != nil {
      let end = endOfRun(isStop)
      bytes.append(contentsOf: block[position..<end])
      position = end
      try checkLimit()
      if end < block.count { return }
    }
  }

  /// Takes bytes as `takeRun` does, where they end within the block and `last` follows, which is
  /// taken too.
  ///
  /// - Returns: The text; nil, and nothing is taken, where it doesn't end so, or isn't UTF-8.
  @inline(__always)
  package mutating func takeShortRun(endingIn last: UInt8, until isStop: (UInt8) -> Bool) -> String?
  {
    let end = endOfRun(isStop)
    guard end < block.count, block[end] == last,
      let text = String(validating: block[position..<end], as: UTF8.self)
    else { return nil }
    position = end + 1
    return text
  }

  @inline(__always)
  private func endOfRun(_ isStop: (UInt8) -> Bool) -> Int {
    var end = position
    block.withUnsafeBufferPointer { bytes in
      while end < bytes.count, !isStop(bytes[end]) { end += 1 }
    }
    return end
  }

  @inline(__always)
  private func checkLimit() throws(FileError) {
    guard passed + position > limit else { return }
    let size = "rows of \(FileLimits.recordBytes >> 20) MiB at most; is a quote unclosed?"
    throw FileError(.tooLarge(line: line, limit: size), .read, file)
  }

  /// Begins a row: from here on the limit of a row's size counts.
  package mutating func beginRecord() { limit = passed + position + FileLimits.recordBytes }

  private mutating func fill() throws(FileError) -> Bool {
    guard let more = try read() else { return false }
    passed += block.count
    block = more
    position = 0
    return true
  }

  /// Adds to the block, which is small then.
  private mutating func extend() throws(FileError) -> Bool {
    guard let more = try read() else { return false }
    passed += position
    block = block[position...] + more
    position = 0
    return true
  }

  private func read() throws(FileError) -> [UInt8]? {
    guard let source else { return nil }
    return try Self.block(of: source, file)
  }

  /// What follows; nil at the end.
  private static func block(of file: OpenFile, _ name: String) throws(FileError) -> [UInt8]? {
    let bytes = try FileError.wrapping(.read, name) { () throws(SystemFailure) in
      try file.use { (file) throws(SystemFailure) in try file.bytes(blockSize) }
    }
    return bytes.isEmpty ? nil : bytes
  }

  private mutating func skipByteOrderMark() throws(FileError) {
    guard try peek() == 0xEF else { return }
    if block.count >= 3, block[1] == 0xBB, block[2] == 0xBF { position = 3 }
  }

  /// What the next byte is, in words.
  package mutating func found() throws(FileError) -> String {
    guard let byte = try peek() else { return "the end of the file" }
    return Self.describe(byte)
  }

  package func syntax(_ found: String, expected: String, line: Int? = nil) -> FileError {
    FileError(.syntax(line: line ?? self.line, found: found, expected: expected), .read, file)
  }

  package static func describe(_ byte: UInt8) -> String {
    switch byte {
    case 0x0A, 0x0D: "the end of the line"
    case 0x21...0x7E: "\"\(Character(UnicodeScalar(byte)))\""
    case 0x20: "a space"
    default: "the byte 0x\(String(byte, radix: 16, uppercase: true))"
    }
  }
}
