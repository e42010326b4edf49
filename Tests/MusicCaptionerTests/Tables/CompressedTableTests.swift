import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct CompressedTableTests {
  private func texts(_ bytes: [UInt8], _ name: String) throws -> [String] {
    var reader = try TableReader(bytes, name: name)
    var texts: [String] = []
    while let (_, fields) = try reader.nextObject() {
      if case .text(let text)? = fields["caption"] { texts.append(text) }
    }
    return texts
  }

  private func fixture(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: Fixtures.url("tables/\(name)")))
  }

  @Test(arguments: ["joined.jsonl.gz", "joined.jsonl.zst"])
  func joinedFilesAreReadToTheirEnd(name: String) throws {
    let bytes = try fixture(name)
    #expect(try texts(bytes, name) == ["One.", "Two."])
    // The content tells, whatever the name.
    #expect(try texts(bytes, "x.jsonl") == ["One.", "Two."])
    #expect(try texts(bytes + [0, 0, 0], name) == ["One.", "Two."])
    #expect(try texts(Array("caption\nOne.\n".utf8), "x.csv.gz") == ["One."])
    #expect(try texts([], name) == [])
  }

  /// Of 4 bytes, as some programs write it before the others.
  @Test func framesWithoutContentArePassedOver() throws {
    let frames = try fixture("joined.jsonl.zst")
    for first in UInt8(0x50)...0x5F {
      let skippable: [UInt8] = [first, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]
      #expect(try texts(skippable + frames, "t.jsonl.zst") == ["One.", "Two."])
      #expect(try texts(skippable, "t.jsonl.zst") == [])
    }
  }

  @Test func compressedParquetIsRead() throws {
    let table = try fixture("snappy-v1.parquet")
    // Both formats can have the content as it is.
    let checksum = gzipTail(table)
    var gzip: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var zstd: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 0x58]
    var rest = table[...]
    while !rest.isEmpty {
      let block = rest.prefix(60_000)
      rest = rest.dropFirst(block.count)
      let (count, isLast) = (UInt16(block.count), rest.isEmpty)
      gzip.append(isLast ? 1 : 0)
      for part in [count, ~count] { gzip += [UInt8(part & 0xFF), UInt8(part >> 8)] }
      gzip += block
      let header = UInt32(count) << 3 | (isLast ? 1 : 0)
      zstd += (0..<3).map { UInt8(header >> (8 * $0) & 0xFF) }
      zstd += block
    }
    gzip += checksum
    let expected = try texts(table, "t.parquet")
    #expect(!expected.isEmpty)
    #expect(try texts(gzip, "t.parquet.gz") == expected)
    #expect(try texts(zstd, "t.parquet.zst") == expected)
    for count in stride(from: 11, to: gzip.count, by: 97) {
      #expect(throws: FileError.self) { try texts(Array(gzip[..<count]), "t.parquet.gz") }
    }
  }

  /// The checksum and the length at the end of gzip.
  private func gzipTail(_ bytes: [UInt8]) -> [UInt8] {
    var checksum = ~UInt32(0)
    for byte in bytes {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return [~checksum, UInt32(bytes.count)].flatMap { number in
      (0..<4).map { UInt8(number >> (8 * $0) & 0xFF) }
    }
  }

  @Test(arguments: ["joined.jsonl.gz", "joined.jsonl.zst"])
  func lossAndDamageAreSaidWithTheFile(name: String) throws {
    let bytes = try fixture(name)
    for count in 5..<bytes.count {
      do {
        // Between the two parts, the second one may be missing as a whole.
        #expect(try texts(Array(bytes[..<count]), name) == ["One."], "\(count) bytes")
      } catch {
        #expect((error as? FileError)?.file == name)
        #expect(!"\(error)".contains("\n"))
      }
    }
    for place in 0..<bytes.count {
      var damaged = bytes
      damaged[place] ^= 0x11
      _ = try? texts(damaged, name)
    }
    #expect(throws: FileError.self) { try texts(bytes + [1, 2, 3], name) }
  }

  /// A frame whose header asks for 256 MiB.
  @Test func aWindowThatIsTooLargeIsNamed() throws {
    let large = #expect(throws: FileError.self) {
      try texts([0x28, 0xB5, 0x2F, 0xFD, 0, 0x90, 1, 0, 0], "t.csv.zst")
    }
    #expect(
      large?.description == "t.csv.zst: found zstd data with a window of more than 128 MiB; "
        + "expected a smaller window")
  }

  /// 32 KB that expand to a gigabyte of spaces.
  @Test func bombsEnd() throws {
    let error = #expect(throws: FileError.self) {
      try texts(fixture("bomb.jsonl.zst"), "bomb.jsonl.zst")
    }
    #expect(error?.description.contains("expand") == true)
  }

  @Test(arguments: [
    ([0xFF, 0xFE, 0x61, 0x00], "UTF-16"), (Array("BZh91AY".utf8), "bzip2"),
    (Array("PK\u{3}\u{4}".utf8), "spreadsheet"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz"),
  ])
  func otherFormatsAreNamed(bytes: [UInt8], word: String) {
    let error = #expect(throws: FileError.self) { try texts(bytes, "t.csv") }
    #expect(error?.description.contains(word) == true)
  }

  /// What can't be read twice is kept.
  @Test func pipesAreReadInEveryShape() throws {
    try withTemporaryFolder { folder in
      let pipe = folder.appending(path: "t.json")
      try Data(#"{"data": [{"caption": "One."}]}"#.utf8).write(to: folder.appending(path: "x"))
      let shell = try BuiltCommand(executable: URL(fileURLWithPath: "/bin/sh"))
        .start(["-c", "mkfifo t.json && cat x > t.json"], in: folder)
      while !FileManager.default.fileExists(atPath: pipe.path) { usleep(1000) }
      var reader = try TableReader(pipe, name: "t.json")
      #expect(try reader.nextObject()?.fields["caption"] == .text("One."))
      _ = try shell.end()
    }
  }
}
