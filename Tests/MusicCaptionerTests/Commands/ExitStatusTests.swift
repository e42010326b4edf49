import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct ExitStatusTests {
  private struct Unheard: Error {}

  private static let missing = FileError(.missing, .read, "a")
  private static let full = FileError(.system("full"), .write, "a")

  private static let table: [(any Error, ExitStatus)] = [
    (AudioError(.file(missing), file: "a"), .missingInput),
    (AudioError(.empty, file: "a"), .badData),
    (AudioError(.file(full), file: "a"), .cannotWrite),
    (DataError(.file(missing), file: "a"), .missingInput),
    (DataError(.empty, file: "a"), .badData),
    (CheckpointError(.file(missing), file: "a"), .missingInput),
    (CheckpointError.cutShort("a", expectedBytes: 2, foundBytes: 1), .badData),
    (CheckpointError(.file(full), file: "a"), .cannotWrite),
    (TokenizerError(.noTokenizer, file: "a"), .missingInput),
    (TokenizerError(.notUTF8(byteOffset: 3), file: "a"), .badData),
    (ModelError(missing), .missingInput),
    (ModelError(.noTokenizer, file: "a"), .missingInput),
    (ModelError(FileError(.notUTF8(line: 1), .read, "a")), .badData),
    (ConfigurationError(file: "a", reason: .file(missing)), .missingInput),
    (ConfigurationError(file: "a", reason: .file(full)), .cannotWrite),
    (ConfigurationError(OptionError("a", found: "b", expected: "c")), .badData),
    (OptionError("a", found: "b", expected: "c"), .usage),
    (UsageError("--x", found: "y", expected: "z"), .usage),
    (TrainingError(.file(full), file: "a"), .cannotWrite),
    (CaptionerError(.subtitlesOfSeveral(format: .srt, count: 2), file: "a"), .usage),
    (CaptionerError(.notFinite, file: "a"), .badData),
    (CaptionerError(.file(missing), file: "a"), .missingInput),
    (EvaluationError(missing), .missingInput),
    (EvaluationError(.notUTF8(byteOffset: 3), file: "a"), .badData),
    (ChatError(.refused(status: 401, message: "no"), server: "a"), .failure),
    (PseudoCaptionError(full), .cannotWrite),
    (PseudoCaptionError(.noTags(columns: ["tag"]), file: "a"), .badData),
    (CancellationError(), .interrupted),
    (Unheard(), .failure),
  ]

  @Test func everyErrorHasItsCode() {
    for (error, status) in Self.table { #expect(ExitStatus(error) == status, "\(error)") }
  }

  @Test func codesAreThoseOfTheContract() {
    #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 74, 130])
  }

  @Test func adviceNamesOptionsBehindWhatIsWrong() {
    let run = { TrainingError($0, file: "run") }
    let table: [(any Error, String)] = [
      (
        run(.outputExists),
        "run: holds a run already; continue it with --resume, or choose another folder with --output"
      ),
      (
        run(.otherData(kind: "training", then: 3, now: 4, checkpoint: "run/a")),
        "run: the training data has changed since the run began (3 clips then, 4 now); resume with "
          + "the data it began with, or start a new run from what it has learned: --set "
          + "initialize=run/a --output FOLDER"
      ),
      (CaptionerError(.notFinite, file: "a"), "\(CaptionerError(.notFinite, file: "a"))"),
      (
        EvaluationError(.noReferences(columns: ["b", "c"]), file: "a"),
        "a: the predictions have no references beside them, in b, c; name the file with "
          + "--references"
      ),
      (
        PseudoCaptionError(.noTags(columns: ["tag"]), file: "a"),
        "a: no row has a tag in tag; name the column with --tag-column"
      ),
    ]
    for (error, words) in table { #expect(message(for: error) == words) }
  }

  @Test func aMessageIsOneLineWhateverItQuotes() {
    let error = AudioError(FileError(.missing, .read, "a\nb\u{2028}\u{1B}[2J.wav"))
    let text = message(for: error)
    #expect(!text.contains { $0.isNewline || $0 == "\u{1B}" })
    #expect(text.contains("no such file"))
  }
}
