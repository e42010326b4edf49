import Foundation
import Testing

@testable import MusicCaptioner

/// Against pyarrow, which wrote the files; `Fixtures/tables/make_tables.py` says how.
@Suite struct ParquetTableTests {
  private static let variants: [(file: String, expected: String)] =
    ["none", "snappy", "gzip", "zstd"].flatMap { codec in
      ["\(codec)-v1", "\(codec)-v2"].map { ($0, "table") }
    }
    + ["plain", "small-dictionary", "checksums", "legacy-lists"].map { ($0, "table") }
    + [
      ("deltas", "deltas"), ("types", "types"), ("types-plain", "types"), ("types-split", "types"),
      ("types-96", "types-96"), ("empty", "empty"),
    ]

  private static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: Fixtures.url("tables/\(name)")))
  }

  static func rows(
    _ bytes: [UInt8], columns: Set<String>? = nil
  ) throws -> [JSONValue] {
    var table = try ParquetTable(RandomAccessFile(bytes, name: "t.parquet"), columns: columns)
    var rows: [JSONValue] = []
    while let row = try table.next() { rows.append(row.value) }
    return rows
  }

  @Test(arguments: variants)
  func everyVariantIsReadAsPyarrowReadsIt(file: String, expected: String) throws {
    let found = try Self.rows(Self.bytes("\(file).parquet"))
    var reader = try TableReader(Self.bytes("\(expected).jsonl"), name: "t.jsonl")
    var count = 0
    while let row = try reader.next() {
      try #require(count < found.count)
      #expect(Self.isSame(found[count], row.value), "row \(count): \(found[count]) \(row.value)")
      count += 1
    }
    #expect(found.count == count)
  }

  /// Equal, with numbers compared in their column's precision.
  private static func isSame(_ a: JSONValue, _ b: JSONValue) -> Bool {
    switch (a, b) {
    case (.number(let x), .number(let y)):
      guard x != y, let x = Double(x), let y = Double(y) else { return x == y }
      return abs(x - y) <= 1e-6 * abs(y)
    case (.list(let x), .list(let y)):
      return x.count == y.count && zip(x, y).allSatisfy(isSame)
    case (.object(let x), .object(let y)):
      return x.members.map(\.key) == y.members.map(\.key)
        && zip(x.members, y.members).allSatisfy { isSame($0.value, $1.value) }
    default: return a == b
    }
  }

  @Test func onlyTheWantedColumnsAreRead() throws {
    let rows = try Self.rows(Self.bytes("snappy-v1.parquet"), columns: ["caption", "none"])
    guard case .object(let row) = rows[1] else {
      Issue.record("\(rows[1])")
      return
    }
    #expect(row.members.map(\.key) == ["caption"])
  }

  @Test func whatIsNotReadIsNamed() throws {
    let error = #expect(throws: FileError.self) {
      try Self.rows(Self.bytes("brotli.parquet"))
    }
    #expect(error?.description.contains("BROTLI") == true)
    #expect(error?.description.contains("compression=\"zstd\"") == true)
    for text in ["", "PAR1", "PAR1xxxxPAR1", "PAR1\u{FF}\u{FF}\u{FF}\u{FF}PAR1", "PAREPARE...."] {
      #expect(throws: FileError.self) { try Self.rows(Array(text.utf8)) }
    }
  }

  // MARK: Damage

  @Test(arguments: ["zstd-v2", "snappy-v1", "types-plain", "deltas", "small-dictionary"])
  func truncatedFilesAreErrors(name: String) throws {
    let bytes = try Self.bytes("\(name).parquet")
    for count in stride(from: 0, to: bytes.count, by: 13) {
      #expect(throws: FileError.self) { try Self.rows(Array(bytes[..<count])) }
    }
  }

  /// Flipped bits and changed bytes are an error or other values, never a trap or a loop.
  @Test(arguments: [
    "none-v1", "none-v2", "zstd-v2", "types", "types-split", "deltas", "train-00000-of-00002",
  ])
  func damageNeverTraps(name: String) throws {
    let bytes = try Self.bytes("\(name).parquet")
    for trial in 0..<150 {
      var random = RandomSource(seed: 16, stream: "parquet", index: UInt64(trial))
      var damaged = bytes
      // Half of them in the metadata at the end.
      let first = trial % 2 == 0 ? 0 : bytes.count * 3 / 4
      for _ in 0...random.integer(below: 4) {
        let place = first + random.integer(below: bytes.count - first)
        damaged[place] = trial % 3 == 0 ? UInt8(random.integer(below: 256)) : damaged[place] ^ 1
      }
      _ = try? Self.rows(damaged)
    }
  }

  /// A fuzzer wrote the day of a timestamp: more microseconds than 64 bits count.
  @Test func timesBeyondTheCalendarAreNull() throws {
    let rows = try Self.rows(Self.bytes("late-day.parquet"))
    #expect(rows.contains { $0["stamp"] == .null }, "\(rows)")
  }

  @Test func checksumsAreCompared() throws {
    var bytes = try Self.bytes("checksums.parquet")
    let text = Array("la la la".utf8)
    // The dictionary is compressed, but its first text isn't changed by that.
    let place = try #require(
      bytes.indices.first { $0 + text.count < bytes.count && bytes[$0...].starts(with: text) })
    bytes[place] = UInt8(ascii: "L")
    let error = #expect(throws: FileError.self) { try Self.rows(bytes) }
    #expect(error?.description.contains("checksum") == true)
  }
}

@Suite struct EmbeddedFilesTests {
  private func tracks(_ manifest: String, split: String? = nil) throws -> TrackSet {
    var options = DatasetOptions()
    options.manifest = manifest
    options.split = split
    return try TrackSet([options], relativeTo: Fixtures.url("tables"))
  }

  @Test(arguments: ["train-*.parquet", "train-0000?-of-00002.parquet"])
  func soundsInShardsAreReadInAnyOrder(pattern: String) throws {
    let tracks = try tracks(pattern, split: "train")
    #expect(tracks.count == 6)
    #expect((0..<6).map { tracks.references($0) } == (0..<6).map { ["Sound \($0)."] })
    #expect(tracks[5].tags == ["a", "b5"])
    let reader = try ClipReader(AudioFeatureOptions(), crop: .first, cache: ClipCache(megabytes: 0))
    let files = EmbeddedFiles()
    for index in [5, 0, 4, 2, 1, 5, 0] {
      guard case .embedded(let place) = tracks[index].audio else {
        Issue.record("\(tracks[index].audio)")
        continue
      }
      let bytes = try #require(try files.bytes(of: place))
      let clip = try AudioFile(Data(bytes), name: "t").clip()
      #expect(clip.samples.count == 320)
      #expect(clip.samples.allSatisfy { $0 == Float(index) / 32768 })
      _ = try reader.read(index, of: tracks.table, position: 0)
    }
    // The fourth row has neither bytes nor a path.
    #expect(throws: AudioError.self) { try reader.read(3, of: tracks.table, position: 0) }
  }

  @Test func damageNeverTraps() throws {
    try withTemporaryFolder { folder in
      for name in ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"] {
        let bytes = try Data(contentsOf: Fixtures.url("tables/\(name)"))
        for trial in 0..<60 {
          var random = RandomSource(seed: 17, stream: "parquet", index: UInt64(trial))
          var damaged = bytes
          for _ in 0...random.integer(below: 6) {
            damaged[random.integer(below: bytes.count)] = UInt8(random.integer(below: 256))
          }
          let url = folder.appending(path: "t.parquet")
          try damaged.write(to: url)
          let files = EmbeddedFiles()
          for (rowGroup, row) in [(0, 0), (0, 2), (1, 0), (9, 9)] {
            _ = try? files.bytes(
              of: EmbeddedFile(table: url.path, column: 0, rowGroup: rowGroup, row: row))
          }
        }
      }
    }
  }

  @Test func aTableThatHasVanishedIsNoAudioFile() throws {
    try withTemporaryFolder { folder in
      let table = folder.appending(path: "t.parquet")
      try FileManager.default.copyItem(
        at: Fixtures.url("tables/train-00000-of-00002.parquet"), to: table)
      var options = DatasetOptions()
      options.manifest = "t.parquet"
      let tracks = try TrackSet([options], relativeTo: folder)
      try FileManager.default.removeItem(at: table)
      let reader = try ClipReader(
        AudioFeatureOptions(), crop: .first, cache: ClipCache(megabytes: 0))
      let error = #expect(throws: AudioError.self) {
        try reader.read(0, of: tracks.table, position: 0)
      }
      #expect(error?.description == "\(table.path): no such file")
    }
  }

  /// As Hugging Face named them until 2023: each part ends in digits of its own.
  @Test func partsWithDigitsOfTheirOwnAreCountedToo() throws {
    try withTemporaryFolder { folder in
      let ends = ["557f11f5f8c72ffa", "841359b23dd9a178"]
      var options = DatasetOptions()
      options.manifest = "train-*.parquet"
      for (number, end) in ends.enumerated() {
        let part = "train-0000\(number)-of-00002"
        try FileManager.default.copyItem(
          at: Fixtures.url("tables/\(part).parquet"),
          to: folder.appending(path: "\(part)-\(end).parquet"))
        if number == 0 {
          let error = #expect(throws: DataError.self) {
            try TrackSet([options], relativeTo: folder)
          }
          #expect(error?.description.contains("train-00001-of-00002.parquet") == true)
        }
      }
      #expect(try TrackSet([options], relativeTo: folder).count == 6)
    }
  }

  @Test func aMissingPartAndAnotherSplitAreErrors() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: Fixtures.url("tables/train-00000-of-00002.parquet"),
        to: folder.appending(path: "train-00000-of-00002.parquet"))
      var options = DatasetOptions()
      options.manifest = "."
      let error = #expect(throws: DataError.self) { try TrackSet([options], relativeTo: folder) }
      #expect(error?.description.contains("train-00001-of-00002.parquet") == true)
      // A part that is named is what is wanted.
      options.manifest = "train-00000-of-00002.parquet"
      #expect(try TrackSet([options], relativeTo: folder).count == 4)
    }
    #expect(throws: DataError.self) { try tracks("train-*.parquet", split: "test") }
  }
}
