import Foundation
import MusicCaptioner

/// Captions of clips by number, as far as they have come: a line that says what the work is, then a
/// line for each clip, in the order of the clips. A clip that can't be read has a line without a
/// prediction.
///
/// One process at a time may add to it.
final class PredictionJournal {
  /// What is done of the clips from the first on.
  struct Progress: Equatable {
    /// By the clip's number.
    var captions: [Int: String] = [:]
    var unreadable: Set<Int> = []

    /// How many clips are done.
    var count: Int { max(captions.keys.max() ?? -1, unreadable.max() ?? -1) + 1 }

    fileprivate mutating func drop(from end: Int) {
      captions = captions.filter { $0.key < end }
      unreadable = unreadable.filter { $0 < end }
    }

    fileprivate var text: String {
      (Array(captions.keys) + unreadable).sorted().map { clip in
        var line = JSONObject()
        line.set("clip", clip)
        if let caption = captions[clip] { line.set("prediction", caption) }
        return line.line + "\n"
      }.joined()
    }
  }

  let path: String
  private var lock: FileLock?
  /// What the captions have in common; those of other work are not mixed in.
  let work: String

  private var url: URL { PathName.url(path) }

  init(path: String, work: String) {
    self.path = path
    self.work = work
  }

  /// Reads what earlier runs left, and keeps of it the batches that are whole.
  ///
  /// - Throws: `EvaluationError` where the file is of other work; `FileError` where it can't be
  ///   written.
  func begin(batchSize: Int, clipCount: Int) throws -> Progress {
    var found = Progress()
    lock = try takeLock()
    if let status = try? FileStatus(of: path), status.size > 0 {
      // A process that was killed may have left half a line.
      let lines = try EvaluationFile.contents(of: url, expected: "captions").split(separator: 0x0A)
        .compactMap { try? JSONReader.document(Array($0), name: path) }
      if case .text(let former)? = lines.first?["work"], former != work {
        throw EvaluationError(
          .value(
            record: 1, field: "work", found: former,
            expected: "\(work); remove the file to start over"
          ), file: path)
      }
      for line in lines {
        guard let clip = line["clip"]?.integer, (0..<clipCount).contains(clip) else { continue }
        switch line["prediction"] {
        case .text(let prediction): found.captions[clip] = prediction
        case nil, .null: found.unreadable.insert(clip)
        default: continue
        }
      }
      if found.count < clipCount { found.drop(from: found.count / batchSize * batchSize) }
    }
    var header = JSONObject()
    header.set("work", work)
    try AtomicFile.write(Array((header.line + "\n" + found.text).utf8), to: url)
    lock = try takeLock()  // Of the file that has the name now.
    return found
  }

  private func takeLock() throws(EvaluationError) -> FileLock {
    do throws(FileLock.Failure) {
      return try FileLock(path, writesProcess: false)
    } catch {
      switch error {
      case .held: throw EvaluationError(.inUse, file: path)
      case .file(let error): throw EvaluationError(error)
      }
    }
  }

  /// Adds a batch.
  func append(_ batch: Progress) throws(FileError) {
    try AppendOnlyFile(url: url).append(Array(batch.text.utf8))
  }

  func remove() {
    // A file that stays is continued or refused by the next run: nothing is lost.
    FileNames.remove(path)
  }
}
