/// All answers of a run, stored beside its output as `NAME.answers.jsonl`. An answer counts only
/// once it is on disk, and no question is asked again while this file has its answer.
///
/// The first line contains the settings with which the answers were made.
package final class AnswerJournal: Sendable {
  /// The location of an answer, in 24 bytes: millions of answers may wait to be written to the
  /// output.
  private struct Place {
    var row: UInt32
    var instruction: UInt8
    var length: UInt32
    var offset: Int
  }

  private let output: String
  private let lines: DurableLines
  private let settings: DataRecord?
  private let places: [Place]
  /// The number of answers from earlier runs.
  package let formerCount: Int
  /// The tokens of those answers.
  package let formerTokens: TokenCount

  package static func path(besides output: String) -> String { output + ".answers.jsonl" }

  /// The first setting, by which a journal is recognized.
  package static let mark = "pseudocaption"

  /// Opens the journal and finds the answers of tracks that aren't in the output yet.
  ///
  /// - Parameters:
  ///   - isWritable: Whether answers will be added; if not, nothing is changed.
  ///   - isWritten: Whether the row with this number is in the output.
  /// - Throws: `PseudoCaptionError` if the file can't be opened; `DataError` for a damaged line.
  package init(besides output: String, isWritable: Bool = true, isWritten: (Int) -> Bool) throws {
    self.output = output
    lines = try DurableLines(
      path: Self.path(besides: output), isSynchronized: true, isWritable: isWritable)
    var settings: DataRecord?
    var places: [Place] = []
    var number = 0
    var count = 0
    var tokens = TokenCount()
    let path = lines.path
    let rest = try lines.forEachLine { offset, line in
      number += 1
      let record = try Self.record(line, path, number)
      if number == 1 {
        guard try record.text(Self.mark) != nil else {
          throw PseudoCaptionError(.foreignAnswers, file: path)
        }
        settings = record
        return
      }
      guard let row = try Self.number(record, "row"), let row = UInt32(exactly: row),
        let name = try record.text("instruction"), let instruction = Instruction(rawValue: name),
        let index = Instruction.allCases.firstIndex(of: instruction),
        let length = UInt32(exactly: line.count)
      else {
        throw record.error("row", found: "no answer", expected: "a row and an instruction")
      }
      let answer = try Self.answer(record)
      count += 1
      tokens.prompt += answer.promptTokens ?? 0
      tokens.completion += answer.completionTokens ?? 0
      guard !isWritten(Int(row)) else { return }
      places.append(Place(row: row, instruction: UInt8(index), length: length, offset: offset))
    }
    // A partial first line left by a killed process is ours if it begins as ours do.
    let beginning = "{\"\(Self.mark)\"".utf8
    guard number > 0 || zip(rest, beginning).allSatisfy(==) else {
      throw PseudoCaptionError(.foreignAnswers, file: path)
    }
    if isWritable { try lines.dropHalfLine() }
    places.sort { ($0.row, $0.instruction, $0.offset) < ($1.row, $1.instruction, $1.offset) }
    self.places = places
    formerCount = count
    formerTokens = tokens
    self.settings = settings
  }

  /// Writes the settings into a new journal, or compares them with those in an existing one. Call
  /// once, before the first answer.
  ///
  /// - Parameter settings: Names and values that all answers of an output must share.
  /// - Throws: `PseudoCaptionError` if they differ or can't be written.
  package func begin(_ settings: [(String, String)]) async throws {
    guard let former = self.settings else {
      return try await lines.append(JSONObject(settings.map { ($0.0, .text($0.1)) }).line)
    }
    for (name, value) in settings {
      let found = try former.text(name) ?? "nothing"
      guard found == value else {
        throw PseudoCaptionError(
          .otherSettings(name: name, found: found, expected: value), file: output)
      }
    }
  }

  /// Returns when the answer is on disk.
  ///
  /// - Throws: `PseudoCaptionError` if it can't be written.
  package func append(_ answer: ChatAnswer, row: Int, instruction: Instruction) async throws {
    var fields: JSONObject = [
      "row": JSONValue(row), "instruction": .text(instruction.rawValue), "text": .text(answer.text),
    ]
    if let absence = answer.absence { fields.set("absence", absence) }
    if let reason = answer.finishReason { fields.set("finish_reason", reason) }
    if let tokens = answer.promptTokens { fields.set("prompt_tokens", tokens) }
    if let tokens = answer.completionTokens { fields.set("completion_tokens", tokens) }
    try await lines.append(fields.line)
  }

  /// Closes the file.
  package func close() { lines.close() }

  /// Whether an earlier run got this answer without writing it to the output.
  package func has(row: Int, instruction: Instruction) -> Bool {
    place(row: row, instruction: instruction) != nil
  }

  /// The answer from an earlier run, if there is one.
  package func answer(row: Int, instruction: Instruction) throws -> ChatAnswer? {
    guard let place = place(row: row, instruction: instruction) else { return nil }
    let bytes = try lines.read(at: place.offset, count: Int(place.length))
    return try Self.answer(Self.record(bytes, lines.path, 1))
  }

  private func place(row: Int, instruction: Instruction) -> Place? {
    guard let index = Instruction.allCases.firstIndex(of: instruction) else { return nil }
    var low = 0
    var high = places.count
    while low < high {
      let middle = (low + high) / 2
      let place = places[middle]
      if (Int(place.row), Int(place.instruction)) < (row, index) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low < places.count, Int(places[low].row) == row, Int(places[low].instruction) == index
    else { return nil }
    return places[low]
  }

  package static func record(_ line: [UInt8], _ path: String, _ number: Int) throws -> DataRecord {
    let value = try DataError.wrapping("answers") { () throws(FileError) in
      try JSONReader.document(line, name: path, line: number)
    }
    guard case .object(let fields) = value else {
      throw DataError(
        .value(found: value.kind, expected: "a JSON object"), file: path, line: number)
    }
    return DataRecord(file: path, line: number, fields: fields)
  }

  package static func number(_ record: DataRecord, _ name: String) throws -> Int? {
    try record.text(name).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  private static func answer(_ record: DataRecord) throws -> ChatAnswer {
    ChatAnswer(
      text: try record.text("text") ?? "", absence: try record.text("absence"),
      finishReason: try record.text("finish_reason"),
      promptTokens: try number(record, "prompt_tokens").map { min($0, 1 << 32) },
      completionTokens: try number(record, "completion_tokens").map { min($0, 1 << 32) })
  }
}
