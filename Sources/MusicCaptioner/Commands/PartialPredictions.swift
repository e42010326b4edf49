import Foundation

/// Captions of clips by number, as far as they have come: a line that says what the work is, then a
/// line for each clip, in the order of the clips.
struct PartialPredictions {
  let path: String
  /// What the captions have in common; those of other work are not mixed in.
  let work: String

  private var url: URL { URL(fileURLWithPath: path) }

  private struct Line: Decodable {
    var work: String?
    var clip: Int?
    var prediction: String?
  }

  /// Reads what a former start left, and keeps of it the batches that are whole.
  ///
  /// - Returns: Captions by the clip's number.
  /// - Throws: `EvaluationError` where the file is of other work; `CheckpointError` where it can't
  ///   be written.
  func begin(batchSize: Int) throws -> [Int: String] {
    var found: [Int: String] = [:]
    if FileManager.default.fileExists(atPath: path) {
      // A process that was killed may have left half a line.
      let lines = try EvaluationFile.contents(of: url, expected: "captions").split(separator: 0x0A)
        .compactMap { try? JSONDecoder().decode(Line.self, from: Data($0)) }
      if let former = lines.first?.work, former != work {
        throw EvaluationError(
          .value(
            record: 1, field: "work", found: former,
            expected: "\(work); remove the file to begin anew"
          ), place: path)
      }
      for line in lines {
        if let clip = line.clip, let prediction = line.prediction { found[clip] = prediction }
      }
      let whole = (found.keys.max().map { $0 + 1 } ?? 0) / batchSize * batchSize
      found = found.filter { $0.key < whole }
    }
    var header = JSONLine()
    header.set("work", work)
    try AtomicFile.write(Array((header.text + "\n" + text(found)).utf8), to: url)
    return found
  }

  /// Adds a batch.
  func append(_ predictions: [Int: String]) throws(CheckpointError) {
    try AppendOnlyFile(url: url).append(Array(text(predictions).utf8))
  }

  func remove() {
    // A file that stays is begun anew or refused by the next start: nothing is lost.
    try? FileManager.default.removeItem(at: url)
  }

  private func text(_ predictions: [Int: String]) -> String {
    predictions.sorted { $0.key < $1.key }.map { clip, prediction in
      var line = JSONLine()
      line.set("clip", clip)
      line.set("prediction", prediction)
      return line.text + "\n"
    }.joined()
  }
}
