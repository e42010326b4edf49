import Foundation

/// A set of row numbers: one bit each, so that millions take little memory.
struct RowSet: Sendable {
  private var words: [UInt64] = []
  private(set) var count = 0

  func contains(_ row: Int) -> Bool {
    row >= 0 && row / 64 < words.count && words[row / 64] >> UInt64(row % 64) & 1 == 1
  }

  /// - Returns: Whether it was new.
  @discardableResult
  mutating func insert(_ row: Int) -> Bool {
    precondition(row >= 0)
    guard !contains(row) else { return false }
    if row / 64 >= words.count {
      words += Array(repeating: 0, count: row / 64 + 1 - words.count)
    }
    words[row / 64] |= 1 << UInt64(row % 64)
    count += 1
    return true
  }
}

/// The output of a run with a language model: rows in the order in which they were completed. All
/// of it can be recreated from the answers beside it.
final class CaptionedRows: Sendable {
  /// Rows written by earlier runs.
  let former: RowSet
  private let lines: DurableLines

  /// - Parameters:
  ///   - isWritable: Whether rows will be added; if not, nothing is changed.
  ///   - onCaption: Called with each caption that is already there.
  /// - Throws: `PseudoCaptionError` if the file can't be opened, or isn't from a run with answers
  ///   beside it; `DataError` for a line that isn't from such a run.
  init(path: String, isWritable: Bool = true, onCaption: (String) -> Void) throws {
    // Checked before opening for writing: an incomplete last line may be somebody else's data.
    let size = (try? FileStatus(of: path))?.size
    if size ?? 0 > 0, !PathName.exists(AnswerJournal.path(besides: path)) {
      throw PseudoCaptionError(.foreignOutput, file: path)
    }
    lines = try DurableLines(path: path, isSynchronized: false, isWritable: isWritable)
    var former = RowSet()
    var number = 0
    try lines.forEachLine { _, line in
      number += 1
      let record = try AnswerJournal.record(line, path, number)
      guard let row = try AnswerJournal.number(record, CaptionedRow.numberColumn), row < 1 << 32
      else {
        throw record.error(
          CaptionedRow.numberColumn, found: "no number of a row",
          expected: "a row of a former run; without this file, it is made again from the answers")
      }
      former.insert(row)
      for instruction in Instruction.allCases {
        if let caption = try record.text(instruction.column) { onCaption(caption) }
      }
    }
    if isWritable { try lines.dropHalfLine() }
    self.former = former
  }

  func append(_ row: CaptionedRow) async throws { try await lines.append(row.line) }

  /// Closes the file.
  func close() { lines.close() }

  /// Sorts the rows into the input's order.
  ///
  /// - Throws: `FileError` if the file can't be written; it is then unchanged.
  func sort() throws {
    var places: [(row: UInt32, length: UInt32, offset: Int)] = []
    var isSorted = true
    try lines.forEachLine { offset, line in
      let record = try AnswerJournal.record(line, lines.path, places.count + 1)
      let row = try AnswerJournal.number(record, CaptionedRow.numberColumn) ?? 0
      let place = (UInt32(clamping: row), UInt32(clamping: line.count + 1), offset)
      if let last = places.last, last.row > place.0 { isSorted = false }
      places.append(place)
    }
    guard !isSorted else { return }
    places.sort { $0.row < $1.row }
    let file = try FileSink(PathName.url(lines.path))
    defer { file.abandon() }
    var block: [UInt8] = []
    for place in places {
      block += try lines.read(at: place.offset, count: Int(place.length))
      if block.count >= 1 << 18 {
        try file.write(block)
        block.removeAll(keepingCapacity: true)
      }
    }
    try file.write(block)
    try file.finish()
  }
}
