import MusicCaptioner

/// Where the model is that `--model` names.
enum ModelLocation {
  /// The path itself, or the model in it if it is the folder of a run: the best one, else the final one. Says which.
  ///
  /// - Throws: `ModelError` if a run has neither, or its checkpoints can't be read.
  static func find(_ path: String, _ console: Console) throws(ModelError) -> String {
    let run = RunFolder(PathName.url(path))
    guard Folders.exists(path), !ModelBundle.isModelFolder(run.url) else { return path }
    for folder in [run.best, run.model] where ModelBundle.isModelFolder(folder) {
      let found = PathName.join(path, folder.lastPathComponent)
      console.say("\(path) is the folder of a run; using its model \(found)")
      return found
    }
    guard run.holdsRun else { return path }
    let checkpoint: String?
    do throws(FileError) {
      checkpoint = try run.newestCheckpoint()
    } catch {
      var error = error
      error.file = PathName.join(path, run.checkpoints.lastPathComponent)
      throw ModelError(.file(error), file: error.file)
    }
    let place = checkpoint.map { PathName.join(path, $0) }
    throw ModelError(.unfinishedRun(checkpoint: place), file: path)
  }
}
