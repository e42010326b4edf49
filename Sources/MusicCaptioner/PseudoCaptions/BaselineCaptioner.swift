import Foundation

/// Captions without a language model, for a whole table.
public struct BaselineCaptioner: Sendable {
  public let baseline: TagBaseline
  public let options: PseudoCaptionOptions

  /// - Parameter options: The captions go into the columns of its instructions.
  public init(_ baseline: TagBaseline, options: PseudoCaptionOptions) {
    self.baseline = baseline
    self.options = options
  }

  /// The captions of one list of tags, as a line of JSON.
  public func line(tags: [String]) -> String {
    let row = TagRow(number: 0, fields: [:], tagColumn: "tag", tags: tags)
    return captioned(row, AnswerProcessor(options)).line
  }

  /// Captions a table, in its order. The output appears once it is complete.
  ///
  /// - Parameters:
  ///   - onRow: Called with the number of rows done.
  /// - Throws: `PseudoCaptionError` if the output belongs to a run with a language model;
  ///   `OptionError` for the filters, `DataError` for the input, `FileError` for the output,
  ///   `CancellationError`.
  public func run(
    _ table: TagTable, output: String, onRow: (Int) -> Void = { _ in }
  ) throws -> PseudoCaptionSummary {
    try options.filter.validate()
    guard !PathName.exists(AnswerJournal.path(besides: output)) else {
      throw PseudoCaptionError(.foreignOutput, file: AnswerJournal.path(besides: output))
    }
    let processor = AnswerProcessor(options)
    var summary = PseudoCaptionSummary()
    let file = try FileSink(PathName.url(output), name: output)
    defer { file.abandon() }
    var rows = try table.rows()
    var block: [UInt8] = []
    while let (_, row) = try rows.next() {
      try Task.checkCancellation()
      guard let row else {
        summary.withoutTags += 1
        continue
      }
      let captioned = captioned(row, processor)
      captioned.outcomes.values.forEach { summary.count($0) }
      summary.rowCount += 1
      block += captioned.line.utf8
      block.append(UInt8(ascii: "\n"))
      onRow(summary.rowCount)
      guard block.count >= 1 << 18 else { continue }
      try file.write(block)
      block.removeAll(keepingCapacity: true)
    }
    guard summary.rowCount > 0 else {
      let columns = table.tagColumn.map { [$0] } ?? TagTable.tagColumns
      throw PseudoCaptionError(.noTags(columns: columns), file: table.path)
    }
    try file.write(block)
    try file.finish()
    return summary
  }

  private func captioned(_ row: TagRow, _ processor: AnswerProcessor) -> CaptionedRow {
    var outcomes: [Instruction: CaptionOutcome] = [:]
    for instruction in options.instructions {
      let tags = options.order.arrange(row.tags, row: row.number, instruction: instruction)
      outcomes[instruction] = processor.judged(
        baseline.caption(tags), nil, row, prompt: "", isCut: false)
    }
    return CaptionedRow(row: row, outcomes: outcomes, tellsNumber: false)
  }
}
