import Foundation
import MusicCaptioner

/// All that the `caption` command does: files and folders to captions, with messages and progress on standard error.
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
  /// One, or several for a folder.
  package var formats = [CaptionFormat.text]
  /// One description for each file instead of a caption for each chunk.
  package var describesSongs = false
  /// Whether captions that speak against measured facts give way to others; if nil, for descriptions only.
  package var isConsistent: Bool?
  /// Files for another tool instead of formats.
  package var sidecar: Sidecar?
  /// Comes before each caption in sidecars.
  package var prefix: String?
  /// Replaces existing sidecars.
  package var overwrites = false
  /// Leaves out what the output has already.
  package var resumes = false
  /// One file for all captions; standard output if nil.
  package var output: String?
  /// The folder for one file per audio file.
  package var outputFolder: String?

  private let console = Console.standard

  package init(audio: [String], model: String) {
    self.audio = audio
    self.model = model
  }

  /// Does the job. A problem with one file is reported and skipped.
  ///
  /// Call once in a process: Ctrl-C ends it from then on, with all output written so far complete.
  package func run() -> ExitStatus {
    do throws(UsageError) {
      try StandardInput.check(audio)
    } catch {
      return console.error(error)
    }
    var inputs = AudioInputs(audio, isRecursive: isRecursive)
    let session = CaptionSession(console)
    for problem in inputs.problems { session.report(problem) }
    if let line = inputs.passedOver.line { console.say(line) }
    guard !inputs.files.isEmpty else { return session.status }
    if isRecursive && !inputs.hasFolder {
      console.warn("--recursive has no effect: no folder is named")
    }
    do {
      let plan = try CaptionOutputPlan(self, inputs)
      let model = try ModelLocation.find(model, console)
      let paths = inputs.files.map(\.relativePath)
      try plan.protect(
        paths, model: model, tokenizer: tokenizer,
        option: outputFolder == nil ? "--output" : "--output-dir")
      let captioner = try makeCaptioner(model)
      let done = try session.open(
        plan, paths, best: captioner.options.decoding.best, holdsSongs: describesSongs)
      inputs.remove(done)
      InterruptSignal.onFirst { session.interrupt() }
      try run(captioner, inputs.files, session)
      try session.finish()
      return session.status
    } catch {
      return session.report(error)
    }
  }

  private func run(_ captioner: Captioner, _ files: [URL], _ session: CaptionSession) throws {
    let isConsistent = isConsistent ?? describesSongs
    guard describesSongs || isConsistent else {
      return try captioner.caption(files, onOpening: session.begin) { try session.handle($0) }
    }
    try captioner.describe(files, isConsistent: isConsistent, onOpening: session.begin) {
      try session.handle($0, asChunks: !describesSongs)
    }
  }

  private func makeCaptioner(_ model: String) throws -> Captioner {
    try MatrixLibraries.load()
    try ThreadCount.use(threadCount, console)
    let bundle = try ModelBundle(
      contentsOf: PathName.url(model), tokenizer: tokenizer.map(PathName.url))
    let options = try CaptionerOptions(decoding: bundle.decodingOptions())
      .overlaid(with: overrides)
    do throws(OptionError) {
      try options.validate()
    } catch {
      // The model's own options are valid among themselves: a flag clashes with one of them.
      throw isGiven(error)
        ? UsageError(error) : UsageError(error, found: "\(error.found), the model's own")
    }
    if let sidecar, sidecar.needsTags, bundle.tags.isEmpty {
      throw UsageError(
        "--sidecar \(sidecar.rawValue)", found: "a model that scores no tags",
        expected: "one that was trained with data.tag_count")
    }
    for warning in OptionFlags.withoutEffect(overrides, in: options.decoding) {
      console.warn(warning)
    }
    if formats.allSatisfy(\.isSubtitles) && options.decoding.best > 1 {
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
