import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct ExitStatusTests {
  private struct Unheard: Error {}

  private static let table: [(any Error, ExitStatus)] = [
    (AudioError(file: "a", reason: .missing), .missingInput),
    (AudioError(file: "a", reason: .empty), .badData),
    (AudioError(file: "a", reason: .unwritable("full")), .cannotWrite),
    (DataError(file: "a", reason: .missing("a file")), .missingInput),
    (DataError(file: "a", reason: .empty), .badData),
    (CheckpointError(path: "a", reason: .fileNotFound), .missingInput),
    (CheckpointError(path: "a", reason: .truncated(expectedBytes: 2, foundBytes: 1)), .badData),
    (CheckpointError(path: "a", reason: .cannotWrite("full")), .cannotWrite),
    (TokenizerError(.missingFiles, path: "a"), .missingInput),
    (TokenizerError(.notUTF8(byteOffset: 3), path: "a"), .badData),
    (ModelError(.notFound, path: "a"), .missingInput),
    (ModelError(.noTokenizer, path: "a"), .missingInput),
    (ModelError(.malformedConfiguration("x"), path: "a"), .badData),
    (ConfigurationError(file: "a", reason: .missingFile), .missingInput),
    (ConfigurationError(file: "a", reason: .unwritable("full")), .cannotWrite),
    (ConfigurationError(OptionError("a", found: "b", expected: "c")), .badData),
    (OptionError("a", found: "b", expected: "c"), .usage),
    (UsageError("--x", found: "y", expected: "z"), .usage),
    (TrainingError(.cannotWrite("full"), path: "a"), .cannotWrite),
    (EvaluationError(.missing("a file"), place: "a"), .missingInput),
    (EvaluationError(.notUTF8(byteOffset: 3), place: "a"), .badData),
    (ChatError(.refused(status: 401, message: "no"), place: "a"), .failure),
    (PseudoCaptionError(.cannotWrite("full"), place: "a"), .cannotWrite),
    (PseudoCaptionError(.noTags(columns: ["tag"]), place: "a"), .badData),
    (CancellationError(), .interrupted),
    (Unheard(), .failure),
  ]

  @Test func everyErrorHasItsCode() {
    for (error, status) in Self.table { #expect(ExitStatus(error) == status, "\(error)") }
  }

  @Test func codesAreThoseOfTheContract() {
    #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 74, 130])
  }

  @Test func aMessageIsOneLineWhateverItQuotes() {
    let error = AudioError(file: "a\nb\u{2028}\u{1B}[2J.wav", reason: .missing)
    let message = ExitStatus.message(for: error)
    #expect(!message.contains { $0.isNewline || $0 == "\u{1B}" })
    #expect(message.contains("no such file"))
  }
}
