import Foundation

/// The bytes of a file, read in blocks of fixed size, with the line they stand on.
///
/// Tables of millions of rows pass through in constant memory, and a file that shrinks while it is
/// read is an early end, not a crash, as it would be with mapped memory.
final class ByteReader {
  /// The file as the user named it, for messages.
  let file: String
  /// The line of the next byte, counted from 1.
  private(set) var line = 1

  private let handle: FileHandle?
  private var block: [UInt8]
  private var position = 0
  private var consumed = 0
  private var limit = Int.max
  private static let blockSize = 1 << 18

  /// - Parameters:
  ///   - name: What messages call the file.
  ///   - what: What it is expected to be, for the message where it is missing.
  init(_ url: URL, name: String, what: String) throws(DataError) {
    file = name
    block = []
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw DataError(file: name, reason: .missing(what))
    }
    guard !isFolder.boolValue else {
      throw DataError(file: name, reason: .unreadable("it is a folder; expected \(what)"))
    }
    do {
      handle = try FileHandle(forReadingFrom: url)
    } catch {
      throw DataError(file: name, reason: .unreadable(error.localizedDescription))
    }
    try skipByteOrderMark()
  }

  /// Reads bytes that are already in memory.
  init(_ bytes: [UInt8], name: String) throws(DataError) {
    file = name
    handle = nil
    block = bytes
    try skipByteOrderMark()
  }

  deinit { try? handle?.close() }

  /// The next byte, without taking it; nil at the end.
  func peek() throws(DataError) -> UInt8? {
    if position == block.count, try !fill() { return nil }
    return block[position]
  }

  /// Takes the next byte; nil at the end.
  func next() throws(DataError) -> UInt8? {
    guard let byte = try peek() else { return nil }
    position += 1
    consumed += 1
    if byte == UInt8(ascii: "\n") { line += 1 }
    try checkLimit()
    return byte
  }

  /// Takes bytes up to the first at which `isStop` holds, or to the end. A line feed must be a stop.
  ///
  /// Nearly all of a table is text in the middle of a field, and goes this way.
  func takeRun(
    into bytes: inout [UInt8], until isStop: (UInt8) -> Bool
  ) throws(DataError) {
    while try peek() != nil {
      let end = block[position...].firstIndex(where: isStop) ?? block.count
      bytes.append(contentsOf: block[position..<end])
      consumed += end - position
      position = end
      try checkLimit()
      if end < block.count { return }
    }
  }

  private func checkLimit() throws(DataError) {
    guard consumed > limit else { return }
    let size = "rows of \(DataLimits.recordBytes >> 20) MiB at most; is a quote unclosed?"
    throw DataError(file: file, line: line, reason: .tooLarge(size))
  }

  /// Begins a row: from here on the limit of a row's size counts.
  func beginRecord() { limit = consumed + DataLimits.recordBytes }

  private func fill() throws(DataError) -> Bool {
    guard let handle else { return false }
    do {
      block = try handle.read(upToCount: Self.blockSize).map { Array($0) } ?? []
    } catch {
      throw DataError(file: file, line: line, reason: .unreadable(error.localizedDescription))
    }
    position = 0
    return !block.isEmpty
  }

  private func skipByteOrderMark() throws(DataError) {
    guard try peek() == 0xEF else { return }
    if block.count >= 3, block[1] == 0xBB, block[2] == 0xBF { position = 3 }
  }

  /// What the next byte is, in words.
  func found() throws(DataError) -> String {
    guard let byte = try peek() else { return "the end of the file" }
    return Self.describe(byte)
  }

  static func describe(_ byte: UInt8) -> String {
    switch byte {
    case 0x0A, 0x0D: "the end of the line"
    case 0x21...0x7E: "\"\(Character(UnicodeScalar(byte)))\""
    case 0x20: "a space"
    default: "the byte 0x\(String(byte, radix: 16, uppercase: true))"
    }
  }
}
