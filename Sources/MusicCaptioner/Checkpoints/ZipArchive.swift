/// The uncompressed entries of a zip archive, as `torch.save` writes them.
///
/// Nothing is unpacked, and nothing is allocated because the archive claims a size: an entry is a
/// range of the file. Overlapping entries (how small archives pretend to be huge) are refused.
/// Format: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.14 to 4.3.16.
final class ZipArchive {
  struct Entry {
    let name: String
    let checksum: UInt32
    let flags: UInt16
    let method: UInt16
    let compressedByteCount: Int
    let byteCount: Int
    let headerOffset: Int
    /// The range of the entry's bytes in the file.
    var range: Range<Int> = 0..<0
  }

  let file: CheckpointBytes
  private(set) var entries: [String: Entry] = [:]
  private var verified: Set<String> = []

  /// Whether the file begins like a zip archive.
  static func recognizes(_ head: [UInt8]) -> Bool {
    head.starts(with: [0x50, 0x4b, 3, 4]) || head.starts(with: [0x50, 0x4b, 5, 6])
  }

  /// Reads the directory of the archive.
  ///
  /// - Throws: `CheckpointError` if the archive is cut short or inconsistent.
  init(_ file: CheckpointBytes) throws(CheckpointError) {
    self.file = file
    let directory = try Self.findDirectory(file)
    var list = try Self.readDirectory(file, directory)
    list.sort { ($0.headerOffset, $0.name) < ($1.headerOffset, $1.name) }
    for index in list.indices {
      let entry = list[index]
      let next = index + 1 < list.count ? list[index + 1].headerOffset : directory.offset
      list[index].range = try Self.locate(entry, in: file, before: next)
      guard entries.updateValue(list[index], forKey: entry.name) == nil else {
        throw Self.damaged(file, "two entries are named '\(entry.name)'")
      }
    }
  }

  /// The range of the file that holds the entry's bytes. They are checked against their CRC-32 the
  /// first time.
  ///
  /// - Throws: `CheckpointError` if the entry is missing, compressed, encrypted or damaged.
  func range(of name: String) throws(CheckpointError) -> Range<Int> {
    func failure(_ reason: CheckpointError.Reason) -> CheckpointError {
      CheckpointError(reason, file: file.path)
    }
    guard let entry = entries[name] else { throw failure(.missingEntry(name)) }
    guard entry.flags & 1 == 0 else {
      throw failure(.unsupportedEntry(name: name, problem: "is encrypted"))
    }
    guard entry.method == 0 else {
      throw failure(
        .unsupportedEntry(name: name, problem: "is compressed (method \(entry.method))"))
    }
    guard entry.compressedByteCount == entry.byteCount else {
      throw failure(
        .badArchive("'\(name)' is uncompressed but claims two sizes"))
    }
    if verified.contains(name) { return entry.range }
    let found = try file.withBytes(entry.range) { CRC32.of($0) }
    guard found == entry.checksum else {
      throw failure(
        .checksumMismatch(name: name, expected: UInt64(entry.checksum), found: UInt64(found)))
    }
    verified.insert(name)
    return entry.range
  }

  // MARK: - Parsing

  private struct Directory {
    let offset: Int
    let byteCount: Int
    let entryCount: Int
  }

  private static func damaged(_ file: CheckpointBytes, _ problem: String) -> CheckpointError {
    CheckpointError(.badArchive(problem), file: file.path)
  }

  /// The end record, which is at the end of the file except for a comment of up to 65,535 bytes.
  private static func findDirectory(_ file: CheckpointBytes) throws(CheckpointError) -> Directory {
    let tailStart = max(0, file.count - 22 - 0xffff)
    let tail = try file.bytes(tailStart..<file.count)
    var place = tail.count - 22
    while place >= 0 {
      if tail[place] == 0x50, tail[place + 1] == 0x4b, tail[place + 2] == 5, tail[place + 3] == 6,
        Int(tail[place + 20]) | Int(tail[place + 21]) << 8 == tail.count - place - 22
      {
        break
      }
      place -= 1
    }
    guard place >= 0 else {
      throw damaged(file, "no directory at its end; it is cut short, copy or download it again")
    }
    var record = ByteCursor(Array(tail[(place + 4)...]))
    guard let disk = record.integer(UInt16.self), let startDisk = record.integer(UInt16.self),
      let here = record.integer(UInt16.self), let count = record.integer(UInt16.self),
      let size = record.integer(UInt32.self), let offset = record.integer(UInt32.self)
    else { throw damaged(file, "its end record is cut short") }
    let end = tailStart + place
    if count == 0xffff || size == .max || offset == .max {
      if let directory = try findLargeDirectory(file, before: end) { return directory }
    }
    guard disk == 0, startDisk == 0, here == count else {
      throw damaged(file, "it is one part of several")
    }
    return try checked(
      file, offset: UInt64(offset), size: UInt64(size), count: UInt64(count), end: end)
  }

  /// The zip64 end record, if its locator comes right before the plain one.
  private static func findLargeDirectory(
    _ file: CheckpointBytes, before end: Int
  ) throws(CheckpointError) -> Directory? {
    guard end >= 20 else { return nil }
    var locator = ByteCursor(try file.bytes(end - 20..<end))
    guard locator.integer(UInt32.self) == 0x0706_4b50, let disk = locator.integer(UInt32.self),
      let place = locator.integer(UInt64.self)
    else { return nil }
    guard disk == 0, let start = Int(exactly: place), start <= end - 20 - 56 else {
      throw damaged(file, "its zip64 locator points outside of it")
    }
    var record = ByteCursor(try file.bytes(start..<start + 56))
    guard record.integer(UInt32.self) == 0x0606_4b50, record.take(20) != nil,
      let here = record.integer(UInt64.self), let count = record.integer(UInt64.self),
      let size = record.integer(UInt64.self), let offset = record.integer(UInt64.self),
      here == count
    else { throw damaged(file, "its zip64 end record is damaged") }
    return try checked(file, offset: offset, size: size, count: count, end: start)
  }

  private static func checked(
    _ file: CheckpointBytes, offset: UInt64, size: UInt64, count: UInt64, end: Int
  ) throws(CheckpointError) -> Directory {
    guard let offset = Int(exactly: offset), let size = Int(exactly: size),
      let count = Int(exactly: count), offset <= end, size <= end - offset, count <= size / 46
    else { throw damaged(file, "its directory doesn't fit into it") }
    return Directory(offset: offset, byteCount: size, entryCount: count)
  }

  private static func readDirectory(
    _ file: CheckpointBytes, _ directory: Directory
  ) throws(CheckpointError) -> [Entry] {
    var cursor = ByteCursor(
      try file.bytes(directory.offset..<directory.offset + directory.byteCount))
    var entries: [Entry] = []
    entries.reserveCapacity(directory.entryCount)
    for _ in 0..<directory.entryCount {
      guard cursor.integer(UInt32.self) == 0x0201_4b50, cursor.take(4) != nil,
        let flags = cursor.integer(UInt16.self), let method = cursor.integer(UInt16.self),
        cursor.take(4) != nil, let checksum = cursor.integer(UInt32.self),
        let packed = cursor.integer(UInt32.self), let size = cursor.integer(UInt32.self),
        let nameCount = cursor.integer(UInt16.self), let extraCount = cursor.integer(UInt16.self),
        let commentCount = cursor.integer(UInt16.self), cursor.take(8) != nil,
        let offset = cursor.integer(UInt32.self), let nameBytes = cursor.take(Int(nameCount)),
        let extra = cursor.take(Int(extraCount)), cursor.take(Int(commentCount)) != nil
      else { throw damaged(file, "its directory is cut short or damaged") }
      guard let name = String(utf8: nameBytes), isPlain(name) else {
        throw damaged(file, "an entry has the name \(String(decoding: nameBytes, as: UTF8.self))")
      }
      let sizes = try large(size, packed, offset, extra: Array(extra), name: name, file: file)
      entries.append(
        Entry(
          name: name, checksum: checksum, flags: flags, method: method,
          compressedByteCount: sizes.packed, byteCount: sizes.size, headerOffset: sizes.offset))
    }
    return entries
  }

  /// Sizes and offset, taken from the zip64 field if the plain one is saturated.
  private static func large(
    _ size: UInt32, _ packed: UInt32, _ offset: UInt32, extra: [UInt8], name: String,
    file: CheckpointBytes
  ) throws(CheckpointError) -> (size: Int, packed: Int, offset: Int) {
    var field: ByteCursor?
    var extras = ByteCursor(extra)
    while field == nil, let tag = extras.integer(UInt16.self),
      let count = extras.integer(UInt16.self), let content = extras.take(Int(count))
    {
      if tag == 1 { field = ByteCursor(Array(content)) }
    }
    var numbers: [Int] = []
    for value in [size, packed, offset] {
      let wide = value == .max && field != nil ? field?.integer(UInt64.self) : UInt64(value)
      guard let wide, let number = Int(exactly: wide), number <= file.count else {
        throw damaged(file, "'\(name)' doesn't fit into it")
      }
      numbers.append(number)
    }
    return (numbers[0], numbers[1], numbers[2])
  }

  /// Whether the name stays inside the archive's root however it is used.
  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && !name.utf8.contains(0) && !name.contains("\\") && !name.hasPrefix("/")
      && !name.split(separator: "/").contains("..")
  }

  /// The range of the entry's bytes, after its local header, which must agree with the directory.
  private static func locate(
    _ entry: Entry, in file: CheckpointBytes, before limit: Int
  ) throws(CheckpointError) -> Range<Int> {
    guard entry.headerOffset + 30 <= limit else {
      throw damaged(file, "'\(entry.name)' overlaps what follows it")
    }
    var header = ByteCursor(try file.bytes(entry.headerOffset..<entry.headerOffset + 30))
    guard header.integer(UInt32.self) == 0x0403_4b50, header.take(4) != nil,
      let method = header.integer(UInt16.self), header.take(16) != nil,
      let nameCount = header.integer(UInt16.self), let extraCount = header.integer(UInt16.self),
      method == entry.method
    else { throw damaged(file, "'\(entry.name)' has no header where the directory says") }
    let nameEnd = entry.headerOffset + 30 + Int(nameCount)
    let start = nameEnd + Int(extraCount)
    guard start <= limit, entry.compressedByteCount <= limit - start else {
      throw damaged(file, "'\(entry.name)' overlaps what follows it")
    }
    let name = try file.bytes(entry.headerOffset + 30..<nameEnd)
    guard name.elementsEqual(entry.name.utf8) else {
      throw damaged(file, "'\(entry.name)' has another name in its own header")
    }
    return start..<start + entry.compressedByteCount
  }
}
