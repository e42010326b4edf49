import Foundation

/// Captions without a language model, for a whole table.
package struct BaselineCaptioner: Sendable {
  package let baseline: TagBaseline
  package let options: PseudoCaptionOptions

  /// - Parameter options: The captions go into the columns of its instructions.
  package init(_ baseline: TagBaseline, options: PseudoCaptionOptions) {
    self.baseline = baseline
    self.options = options
  }

  /// The captions of one list of tags, as a line of JSON.
  package func line(tags: [String]) -> String {
    let row = TagRow(number: 0, fields: [:], tagColumn: "tag", tags: tags)
    return captioned(row, CaptionJudge(options)).line
  }

  /// Captions a table, in its order. The output appears once it is complete.
  ///
  /// - Parameters:
  ///   - onRow: Called with the number of rows done.
  /// - Throws: `PseudoCaptionError` if the output belongs to a run with a language model;
  ///   `DataError` for the input, `FileError` for the output, `CancellationError`.
  package func run(
    _ table: TagTable, output: String, onRow: (Int) -> Void = { _ in }
  ) throws -> PseudoCaptionSummary {
    try options.filter.validate()
    guard !FileManager.default.fileExists(atPath: AnswerJournal.path(besides: output)) else {
      throw PseudoCaptionError(.foreignOutput, place: AnswerJournal.path(besides: output))
    }
    let judge = CaptionJudge(options)
    var summary = PseudoCaptionSummary()
    // The file and the table throw errors of different types through each other's closures.
    var problem: (any Error)?
    let stop = DataError(file: table.path, reason: .unreadable("stopped"))
    do throws(FileError) {
      try AtomicFile.write(to: URL(fileURLWithPath: output)) {
        (file: FileSink) throws(FileError) in
        var block: [UInt8] = []
        do throws(DataError) {
          try table.forEachRow { (_, row) throws(DataError) in
            guard !Task.isCancelled else {
              problem = CancellationError()
              throw stop
            }
            guard let row else {
              summary.withoutTags += 1
              return
            }
            let captioned = captioned(row, judge)
            captioned.outcomes.values.forEach { summary.count($0) }
            summary.rowCount += 1
            block += captioned.line.utf8
            block.append(UInt8(ascii: "\n"))
            onRow(summary.rowCount)
            guard block.count >= 1 << 18 else { return }
            do throws(FileError) {
              try file.write(block)
            } catch {
              problem = error
              throw stop
            }
            block.removeAll(keepingCapacity: true)
          }
        } catch {
          problem = problem ?? error
        }
        if problem == nil, summary.rowCount == 0 {
          let columns = table.tagColumn.map { [$0] } ?? TagTable.tagColumns
          problem = PseudoCaptionError(.noTags(columns: columns), place: table.path)
        }
        if let problem {
          throw FileError(path: output, operation: .write, cause: .system("\(problem)"))
        }
        try file.write(block)
      }
    } catch {
      throw problem ?? error
    }
    return summary
  }

  private func captioned(_ row: TagRow, _ judge: CaptionJudge) -> CaptionedRow {
    var outcomes: [Instruction: CaptionOutcome] = [:]
    for instruction in options.instructions {
      let tags = options.order.arrange(row.tags, row: row.number, instruction: instruction)
      outcomes[instruction] = judge.judged(
        baseline.caption(tags), nil, row, prompt: "", isCut: false)
    }
    return CaptionedRow(row: row, outcomes: outcomes, tellsNumber: false)
  }
}
