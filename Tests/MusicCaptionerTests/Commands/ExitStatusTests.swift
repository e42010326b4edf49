import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct ExitStatusTests {
  private struct Unheard: Error {}

  private static let table: [(any Error, ExitStatus)] = [
    (AudioError(.missing, file: "a"), .missingInput),
    (AudioError(.empty, file: "a"), .badData),
    (AudioError(.unwritable("full"), file: "a"), .cannotWrite),
    (DataError(.missing("a file"), file: "a"), .missingInput),
    (DataError(.empty, file: "a"), .badData),
    (CheckpointError(.fileNotFound, file: "a"), .missingInput),
    (CheckpointError(.truncated(expectedBytes: 2, foundBytes: 1), file: "a"), .badData),
    (CheckpointError(.cannotWrite("full"), file: "a"), .cannotWrite),
    (TokenizerError(.missingFiles, file: "a"), .missingInput),
    (TokenizerError(.notUTF8(byteOffset: 3), file: "a"), .badData),
    (ModelError(.notFound, file: "a"), .missingInput),
    (ModelError(.noTokenizer, file: "a"), .missingInput),
    (ModelError(.malformedConfiguration("x"), file: "a"), .badData),
    (ConfigurationError(file: "a", reason: .missingFile), .missingInput),
    (ConfigurationError(file: "a", reason: .unwritable("full")), .cannotWrite),
    (ConfigurationError.invalid(path: "a", found: "b", expected: "c"), .badData),
    (TrainingError(.cannotWrite("full"), file: "a"), .cannotWrite),
    (CaptionerError.option("--x", found: "y", expected: "z"), .usage),
    (EvaluationError(.missing("a file"), file: "a"), .missingInput),
    (EvaluationError(.notUTF8(byteOffset: 3), file: "a"), .badData),
    (EvaluationError.option("--x", found: "y", expected: "z"), .usage),
    (PseudoCaptionError.option("--x", found: "y", expected: "z"), .usage),
    (ChatError(.refused(status: 401, message: "no"), place: "a"), .failure),
    (PseudoCaptionError(.cannotWrite("full"), file: "a"), .cannotWrite),
    (PseudoCaptionError(.noTags(columns: ["tag"]), file: "a"), .badData),
    (DecodingOptionsError(key: "best", found: "0", expected: "1"), .usage),
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
    let error = AudioError(.missing, file: "a\nb\u{2028}\u{1B}[2J.wav")
    let text = message(for: error)
    #expect(!text.contains { $0.isNewline || $0 == "\u{1B}" })
    #expect(text.contains("no such file"))
  }
}
