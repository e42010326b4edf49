import Foundation

/// The folder of one run, and the names in it.
package struct RunFolder: Sendable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  var configuration: URL { url.appending(path: "config.yaml") }
  var metrics: URL { url.appending(path: "metrics.jsonl") }
  var samples: URL { url.appending(path: "samples.jsonl") }
  var checkpoints: URL { url.appending(path: "checkpoints") }
  /// The finished model.
  package var model: URL { url.appending(path: "model") }
  /// The model with the best validation score so far.
  package var best: URL { url.appending(path: "best") }
  /// Clips that a run on synthesized music leaves for `caption`.
  package var clips: URL { url.appending(path: "clips") }

  func checkpoint(step: Int) -> URL {
    let digits = String(step)
    let name = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    return checkpoints.appending(path: "step-\(name)")
  }

  /// Whether a run was started here.
  var holdsRun: Bool { FileManager.default.fileExists(atPath: configuration.path) }

  /// What a run would write over, and no run has written: another model's folder, for one.
  var foreignItems: [String] {
    guard !holdsRun else { return [] }
    return [metrics, samples, checkpoints, model, best, clips].map(\.lastPathComponent).filter {
      FileManager.default.fileExists(atPath: url.appending(path: $0).path)
    }
  }

  func create() throws(FileError) { try Folders.create(url.path) }

  /// Keeps other processes away: two that write one folder would mix their metrics and exchange their
  /// checkpoints.
  ///
  /// - Throws: `TrainingError` where another process has the folder, or it can't be written to.
  func lock() throws(TrainingError) -> FileLock {
    do throws(FileLock.Failure) {
      return try FileLock(url.appending(path: ".lock").path, writesProcess: true)
    } catch {
      switch error {
      case .held(let process): throw TrainingError(.inUse(process: process), file: url.path)
      case .file(let error): throw TrainingError(.file(error), file: error.file)
      }
    }
  }

  /// Fills a folder that is this process's, and clears what a killed one was writing.
  func prepare(for configuration: RunConfiguration) throws {
    TemporaryFiles.removeLeftovers(in: url)
    TemporaryFiles.removeLeftovers(in: checkpoints)
    // First of all: it tells a later start that the rest is a run's.
    try ConfigurationFile.write(configuration, to: self.configuration)
    try Folders.create(checkpoints.path)
  }

  func createClipsFolder() throws(FileError) { try Folders.create(clips.path) }

  /// The steps of the checkpoints that are there, newest first.
  func checkpointSteps() -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints.path)) ?? []
    return names.compactMap { name in
      name.hasPrefix("step-") ? Int(name.dropFirst("step-".count)) : nil
    }.sorted(by: >)
  }

  /// Removes all but the newest checkpoints of steps up to the given one. Those of later steps are
  /// damaged ones that the run was resumed in spite of: they must not count as worth keeping.
  func removeOldCheckpoints(keeping count: Int, upToStep last: Int) {
    for step in checkpointSteps().filter({ $0 <= last }).dropFirst(count) {
      // One that can't be removed costs space, not the run.
      try? FileManager.default.removeItem(at: checkpoint(step: step))
    }
  }
}
