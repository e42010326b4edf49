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
    let options = try CaptionerOptions(decoding: bundle.decodingOptions())
      .overlaid(with: overrides)
    do throws(OptionError) {
      try options.validate()
    } catch {
      // The model's own options are valid among themselves: a flag clashes with one of them.
      throw isGiven(error)
        ? UsageError(error) : UsageError(error, found: "\(error.found), the model's own")
    }
    for warning in OptionFlags.withoutEffect(overrides, in: options.decoding) {
      console.warn(warning)
    }
    if format.isSubtitles && options.decoding.best > 1 {
      console.warn("--best has no effect: subtitles hold one caption for each chunk")
    }
    do {
      return try Captioner(bundle, options: options)
    } catch let error as OptionError where !isGiven(error) {
      let key = error.key.split(separator: ".").last.map(String.init) ?? error.key
      throw bundle.decodingProblem(
        OptionError(key, found: error.found, expected: error.expected))
    }
  }

  private func isGiven(_ problem: OptionError) -> Bool {
    overrides.contains { $0.path == problem.key }
  }
}
