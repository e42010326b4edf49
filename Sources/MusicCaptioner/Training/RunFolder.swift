import Foundation

/// The folder of a run, and the names of its contents.
package struct RunFolder: Sendable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  var configuration: URL { url.appending(path: "config.yaml") }
  var metrics: URL { url.appending(path: "metrics.jsonl") }
  var samples: URL { url.appending(path: "samples.jsonl") }
  package var checkpoints: URL { url.appending(path: "checkpoints") }
  /// The finished model.
  package var model: URL { url.appending(path: "model") }
  /// The model of the best validation so far.
  package var best: URL { url.appending(path: "best") }
  /// Synthesized clips that the run leaves for trying `caption`.
  package var clips: URL { url.appending(path: "clips") }

  func checkpoint(step: Int) -> URL {
    let digits = String(step)
    let name = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    return checkpoints.appending(path: "step-\(name)")
  }

  /// Whether this folder contains a run.
  package var holdsRun: Bool { PathName.exists(configuration.path) }

  /// Items that a run would overwrite but that aren't from a run, such as another model's folder.
  var foreignItems: [String] {
    guard !holdsRun else { return [] }
    return [metrics, samples, checkpoints, model, best, clips].map(\.lastPathComponent).filter {
      PathName.exists(url.appending(path: $0).path)
    }
  }

  func create() throws(FileError) { try Folders.create(url.path) }

  /// Locks out other processes: two runs in one folder would mix their metrics and overwrite each
  /// other's checkpoints.
  ///
  /// - Throws: `TrainingError` if another process has the lock, or the folder can't be written to.
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

  /// Creates the contents of a locked folder, and removes temporary files left by killed processes.
  func prepare(for configuration: RunConfiguration) throws {
    TemporaryFiles.removeLeftovers(in: url)
    TemporaryFiles.removeLeftovers(in: checkpoints)
    // Written first: it marks everything else as part of a run.
    try ConfigurationFile.write(configuration, to: self.configuration)
    try Folders.create(checkpoints.path)
  }

  func createClipsFolder() throws(FileError) { try Folders.create(clips.path) }

  /// The steps of the existing checkpoints, newest first.
  ///
  /// - Throws: `FileError` if the folder of the checkpoints can't be read.
  func checkpointSteps() throws(FileError) -> [Int] {
    try Folders.namesIfPresent(in: checkpoints.path).compactMap { name in
      name.hasPrefix("step-") ? Int(name.dropFirst("step-".count)) : nil
    }.sorted(by: >)
  }

  /// The path of the newest checkpoint in this folder.
  ///
  /// - Throws: `FileError` if the folder of the checkpoints can't be read.
  package func newestCheckpoint() throws(FileError) -> String? {
    try checkpointSteps().first.map { "checkpoints/\(checkpoint(step: $0).lastPathComponent)" }
  }

  /// Removes all but the newest checkpoints up to the given step. Checkpoints of later steps are
  /// damaged ones that were skipped when the run was resumed, and must not count as worth keeping.
  func removeOldCheckpoints(keeping count: Int, upToStep last: Int) {
    // Failing to remove one costs space, but must not stop the run.
    let steps = (try? checkpointSteps()) ?? []
    for step in steps.filter({ $0 <= last }).dropFirst(count) {
      Folders.remove(checkpoint(step: step).path)
    }
  }
}
