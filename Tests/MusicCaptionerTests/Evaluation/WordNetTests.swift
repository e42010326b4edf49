import Foundation
import Testing

@testable import MusicCaptioner

/// WordNet's files are read without trusting them.
@Suite struct WordNetTests {
  private static let index = "  license\npiano n 1 2 @ ~ 1 0 00000000\n"
  private static let data = "00000000 06 n 02 piano 0 pianoforte 0 000 | an instrument\n"

  private func folder(index: String = index, data: String = data, in folder: URL) throws -> URL {
    for name in ["noun", "verb", "adj", "adv"] {
      try Data(index.utf8).write(to: folder.appending(path: "index.\(name)"))
      try Data(data.utf8).write(to: folder.appending(path: "data.\(name)"))
      try Data().write(to: folder.appending(path: "\(name).exc"))
    }
    return folder
  }

  @Test func synonymsAreFound() throws {
    try withTemporaryFolder { folder in
      let wordNet = try WordNet(folder: try self.folder(in: folder))
      #expect(wordNet.synonyms(of: Scalars("piano")) == [Scalars("piano"), Scalars("pianoforte")])
    }
  }

  private static let wrong: [(index: String, data: String, line: Int)] = [
    (index, "0 06 n 4000000000000000 piano 0 000 | x\n", 1),
    (index, data + "00000061 06 n 03 piano 0\n", 2), (index, "00000000 06 n 00 x 0 000\n", 1),
    (index, "00000000 06 n xx piano 0 000", 1), (index, "00000000", 1),
    ("\n\npiano n 4000000000 2 @ ~ 1 0 0\n", data, 3), ("piano n 1 2 @ ~ 1 0\n", data, 1),
    ("piano n -1 0 1 0\n", data, 1), ("piano", data, 1),
  ]

  @Test(arguments: wrong.indices) func aCountThatDoesNotFitIsAnErrorWithItsLine(index: Int) throws {
    let (lines, data, line) = Self.wrong[index]
    try withTemporaryFolder { folder in
      let folder = try self.folder(index: lines, data: data, in: folder)
      let error = #expect(throws: EvaluationError.self) { try WordNet(folder: folder) }
      guard case .file(let problem)? = error?.reason else { return }
      #expect(problem.line == line, "\(problem)")
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: WordNet.standardFolder.path)))
  func theRealFilesFit() throws {
    _ = try WordNet(folder: WordNet.standardFolder)
  }

  @Test(.enabled(if: SharedData.has("faults/attack/wordnet-overflow")))
  func theAttackIsAnError() {
    #expect(throws: EvaluationError.self) {
      try WordNet(folder: SharedData.url("faults/attack/wordnet-overflow"))
    }
  }
}
