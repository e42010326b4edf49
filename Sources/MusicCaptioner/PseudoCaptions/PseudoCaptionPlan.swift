/// The work of a run, known before it begins.
package struct PseudoCaptionPlan: Sendable, Equatable {
  /// Tracks with tags.
  package var rowCount = 0
  /// Tracks without tags, for which nothing can be asked.
  package var withoutTags = 0
  /// Questions to ask.
  package var requestCount = 0
  /// Questions answered by earlier runs.
  package var answeredCount = 0
  /// The estimated tokens of the questions to ask.
  package var tokens = TokenCount()
  /// A fingerprint of the whole input: another input can't be used with these answers.
  var input = Fingerprint()

  /// Reads the whole input once, in constant memory, so that any error in it is found before
  /// anything is paid for.
  ///
  /// - Parameter isAnswered: Whether a row's instruction has been answered already.
  package init(
    _ table: TagTable, _ options: PseudoCaptionOptions,
    isAnswered: (Int, Instruction) throws -> Bool
  ) throws {
    let prompts = options.instructions.map { instruction in
      (
        instruction,
        options.question(instruction, tags: []).estimate(usualAnswer: instruction.usualAnswerTokens)
      )
    }
    var rows = try table.rows()
    while let (number, row) = try rows.next() {
      try Task.checkCancellation()
      guard let row else {
        withoutTags += 1
        input.add("")
        continue
      }
      rowCount += 1
      for tag in row.tags { input.add(tag) }
      input.add("")
      let tags = TokenCount.estimate(row.tags.joined(separator: ", "))
      for (instruction, prompt) in prompts {
        if try isAnswered(number, instruction) {
          answeredCount += 1
          continue
        }
        requestCount += 1
        tokens += TokenCount(prompt: prompt.prompt + tags, completion: prompt.completion)
      }
    }
    guard rowCount > 0 else {
      throw PseudoCaptionError(
        .noTags(columns: table.tagColumn.map { [$0] } ?? TagTable.tagColumns), file: table.path)
    }
  }

  /// Describes the input, for comparison.
  var inputName: String { "\(rowCount + withoutTags) rows, \(input)" }
}

/// A hash that differs for different lists of texts.
struct Fingerprint: Sendable, Equatable, CustomStringConvertible {
  private var hash = FNVHash()

  var value: UInt64 { hash.value }

  // This byte never occurs in UTF-8, so texts don't run together.
  mutating func add(_ text: String) { hash.add(text, end: 0xFF) }

  init(_ texts: String...) { texts.forEach { add($0) } }

  var description: String { hash.hexadecimal }
}

extension PseudoCaptionPlan: CustomStringConvertible {
  package var description: String {
    let left = withoutTags == 0 ? "" : " (\(withoutTags) more have no tags and are left out)"
    let before = answeredCount == 0 ? "" : ", \(answeredCount) answered before"
    return """
      tracks: \(rowCount)\(left)
      requests: \(requestCount)\(before)
      tokens: about \(tokens.prompt) in prompts, \(tokens.completion) in answers
      """
  }
}
