import Foundation

/// Limits on how much of a file is held in memory at once.
package enum FileLimits {
  /// The largest row of a table, in bytes: an unclosed quote must not consume a whole file.
  package static let recordBytes = 16 << 20
  /// The largest file that is read completely, in bytes.
  package static let contentBytes = 4 << 30
  /// The maximum nesting of JSON.
  package static let depth = 64
  /// The number of values in JSON that may be of any size.
  static let smallValues = 1 << 20
  /// The maximum number of columns of CSV.
  static let columns = 1 << 18
}

/// The bytes of a file, read in blocks of fixed size, with the current line number.
///
/// Tables of millions of rows are read in constant memory. A file that shrinks while being read
/// ends early, while memory-mapped access would crash.
package struct ByteReader {
  /// The file as named by the user, for messages.
  package let file: String
  /// The line of the next byte, counted from 1.
  private(set) var line = 1

  private let source: (any ByteSource)?
  private var block: [UInt8]
  private var position = 0
  /// The number of bytes in earlier blocks.
  private var passed = 0
  private var limit = Int.max

  /// - Parameter name: The file's name in messages, if not its path.
  package init(_ url: URL, name: String? = nil) throws(FileError) {
    let name = name ?? url.path
    try self.init(FileBlocks(url, name: name), name: name)
  }

  /// Reads what a source delivers.
  package init(_ source: any ByteSource, name: String) throws(FileError) {
    file = name
    block = []
    self.source = source
    try skipByteOrderMark()
  }

  /// Reads bytes in memory, of which the first is on `line`.
  package init(_ bytes: [UInt8], name: String, line: Int = 1) throws(FileError) {
    file = name
    source = nil
    block = bytes
    self.line = line
    try skipByteOrderMark()
  }

  /// The content of a whole file.
  package static func contents(of url: URL, name: String? = nil) throws(FileError) -> [UInt8] {
    try FileBlocks(url, name: name ?? url.path).contents()
  }

  /// The first `count` bytes of a file, or all of them if there are fewer.
  package static func beginning(of url: URL, _ count: Int) throws(FileError) -> [UInt8] {
    try FileBlocks(url, name: url.path).bytes(count)
  }

  /// The next byte, without consuming it; nil at the end.
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

  /// Consumes the next byte; nil at the end.
  @inline(__always)
  package mutating func next() throws(FileError) -> UInt8? {
    guard let byte = try peek() else { return nil }
    position += 1
    if byte == UInt8(ascii: "\n") { line += 1 }
    try checkLimit()
    return byte
  }

  /// Consumes bytes up to the first for which `isStop` is true, or to the end. A line feed must be
  /// a stop.
  ///
  /// Nearly all of a table is text within a field, which is read by this method.
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

  /// Consumes bytes up to the first for which `isStop` is true, or to the end of the block.
  @inline(__always)
  package mutating func skipRun(until isStop: (UInt8) -> Bool) {
    position = endOfRun { isStop($0) || $0 == UInt8(ascii: "\n") }
  }

  /// Consumes bytes like `takeRun` if they end within the block and are followed by `last`, which
  /// is consumed too.
  ///
  /// - Returns: The text; nil, with nothing consumed, if it doesn't end so or isn't UTF-8.
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

  /// How much has been read so far.
  var consumedBytes: Int { passed + position }

  /// Begins a row: the limit on a row's size counts from here.
  package mutating func beginRecord() { limit = passed + position + FileLimits.recordBytes }

  /// Ends a row: what follows may be of any size, and is passed over.
  package mutating func endRecord() throws(FileError) {
    try checkLimit()
    limit = .max
  }

  private mutating func fill() throws(FileError) -> Bool {
    guard let more = try read() else { return false }
    passed += block.count
    block = more
    position = 0
    return true
  }

  /// Extends the block, which is small at this point.
  private mutating func extend() throws(FileError) -> Bool {
    guard let more = try read() else { return false }
    passed += position
    block = block[position...] + more
    position = 0
    return true
  }

  private func read() throws(FileError) -> [UInt8]? { try source?.next() }

  private mutating func skipByteOrderMark() throws(FileError) {
    guard try peek() == 0xEF else { return }
    if block.count >= 3, block[1] == 0xBB, block[2] == 0xBF { position = 3 }
  }

  /// Describes the next byte.
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
