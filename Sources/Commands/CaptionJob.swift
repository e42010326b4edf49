import Foundation
import MusicCaptioner

/// All that the `caption` command does: files and folders to captions in one format, with messages
/// and progress on standard error.
package struct CaptionJob: Sendable {
  /// Files and folders.
  package var audio: [String]
  /// Folders of folders too.
  package var isRecursive = false
  package var model: String
  /// Where the model has none beside it.
  package var tokenizer: String?
  /// Laid over the model's own options, under the keys of `CaptionerOptions`.
  package var overrides: [OptionOverride] = []
  /// As many as there are processors if nil.
  package var threadCount: Int?
  package var format = CaptionFormat.text
  /// Standard output if nil.
  package var output: String?

  private let console = Console.standard

  package init(audio: [String], model: String) {
    self.audio = audio
    self.model = model
  }

  /// Does the job. A problem with one file is reported and skipped.
  ///
  /// Call once in a process: Ctrl-C ends it from then on, with all output written so far complete.
  package func run() -> ExitStatus {
    let inputs = AudioInputs(audio, isRecursive: isRecursive)
    let session = CaptionSession(console, inputCount: inputs.files.count)
    for problem in inputs.problems { session.report(problem) }
    guard !inputs.files.isEmpty else { return session.status }
    if isRecursive && !inputs.hasFolder {
      console.warn("--recursive has no effect: no folder is named")
    }
    do {
      try protect(inputs.files)
      let captioner = try makeCaptioner()
      try session.open(
        format, of: inputs.files, best: captioner.options.decoding.best, path: output)
      InterruptSignal.onFirst { session.interrupt() }
      try captioner.caption(inputs.files) { event in try session.handle(event) }
      try session.finish()
      return session.status
    } catch {
      return session.report(error)
    }
  }

  /// Makes sure that no output takes the place of what is read.
  private func protect(_ files: [URL]) throws(OutputError) {
    guard output != nil else { return }
    let songs = files.map(\.relativePath)
    var outputs = OutputGuard()
    outputs.reads(songs + [model])
    outputs.reads(tokenizer)
    for path in Set(CaptionWriter.paths(of: songs, format, output: output)) {
      try outputs.writes(path, as: "--output")
    }
  }

  private func makeCaptioner() throws -> Captioner {
    try ThreadCount.use(threadCount, console)
    let bundle = try ModelBundle(
      contentsOf: URL(fileURLWithPath: model), tokenizer: tokenizer.map(URL.init(fileURLWithPath:)))
    do {
      return try makeCaptioner(bundle)
    } catch let error as OptionError {
      throw blamed(error)
    }
  }

  /// An option that no flag gave is the model's own.
  private func blamed(_ problem: OptionError) -> any Error {
    let section = "decoding."
    guard problem.key.hasPrefix(section), !overrides.contains(where: { $0.path == problem.key })
    else { return problem }
    return ModelError(
      OptionError(
        "generation." + problem.key.dropFirst(section.count), found: problem.found,
        expected: problem.expected),
      file: model)
  }

  private func makeCaptioner(_ bundle: ModelBundle) throws -> Captioner {
    let options = try CaptionerOptions(decoding: bundle.decodingOptions(source: model))
      .overlaid(with: overrides)
    try options.validate()
    for warning in OptionFlags.withoutEffect(overrides, in: options.decoding) {
      console.warn(warning)
    }
    if format.isSubtitles && options.decoding.best > 1 {
      console.warn("--best has no effect: subtitles hold one caption for each chunk")
    }
    return try Captioner(bundle, options: options)
  }
}
