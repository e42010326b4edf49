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
    let inputs = AudioInputs(audio, isRecursive: isRecursive)
    let session = CaptionSession(console, inputCount: inputs.files.count)
    for problem in inputs.problems { session.report(problem) }
    if let line = inputs.passedOver.line { console.say(line) }
    guard !inputs.files.isEmpty else { return session.status }
    if isRecursive && !inputs.hasFolder {
      console.warn("--recursive has no effect: no folder is named")
    }
    do {
      let destination = try destination(of: inputs)
      let model = try ModelLocation.find(model, console)
      try protect(inputs.files.map(\.relativePath), model: model, destination)
      let captioner = try makeCaptioner(model)
      try session.open(destination, best: captioner.options.decoding.best)
      InterruptSignal.onFirst { session.interrupt() }
      try captioner.caption(inputs.files, onOpening: session.begin) { try session.handle($0) }
      try session.finish()
      return session.status
    } catch {
      return session.report(error)
    }
  }

  private func destination(of inputs: AudioInputs) throws -> CaptionWriter.Destination {
    if let outputFolder {
      if output != nil {
        throw UsageError(
          "--output-dir", found: "--output as well",
          expected: "one of them: a file for each audio "
            + "file, or one for all")
      }
      guard !outputFolder.isEmpty, outputFolder != "-" else {
        throw UsageError(
          "--output-dir", found: outputFolder.isEmpty ? "nothing" : "\"-\"", expected: "a folder")
      }
      return .tree(OutputTree(outputFolder, formats, places: inputs.places))
    }
    guard let format = formats.first, formats.count == 1 else {
      throw UsageError(
        "--format all", found: "no --output-dir",
        expected: "a folder for the files, such as "
          + "--output-dir .")
    }
    if let output, format.isSubtitles,
      Folders.exists(output) || output.utf8.last == UInt8(ascii: "/")
    {
      return .tree(OutputTree(output, formats, places: inputs.places))
    }
    return .document(format, path: output)
  }

  /// Makes sure that no output takes the place of what is read.
  private func protect(
    _ paths: [String], model: String, _ destination: CaptionWriter.Destination
  ) throws(OutputError) {
    var outputs = OutputGuard()
    outputs.reads(paths)
    outputs.reads(model: model)
    outputs.reads(tokenizer)
    let option = outputFolder == nil ? "--output" : "--output-dir"
    for path in CaptionWriter.paths(destination, fileCount: paths.count) {
      try outputs.writes(path, as: option, isDerived: outputFolder != nil)
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
