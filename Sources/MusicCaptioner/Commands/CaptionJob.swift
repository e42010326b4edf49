import Foundation

/// All that the `caption` command does: files and folders to captions in one format, with messages
/// and progress on standard error.
public struct CaptionJob: Sendable {
  /// Files and folders.
  public var audio: [String]
  /// Folders of folders too.
  public var isRecursive = false
  public var model: String
  /// Where the model has none beside it.
  public var tokenizer: String?
  public var decoding = DecodingChoices()
  public var batchSize: Int?
  public var dropPartial = false
  public var precision = ComputePrecision.float32
  /// As many as there are processors if nil.
  public var threadCount: Int?
  public var format = CaptionFormat.text
  /// Standard output if nil.
  public var output: String?

  public init(audio: [String], model: String) {
    self.audio = audio
    self.model = model
  }

  private enum Event: Sendable {
    case captioner(CaptionEvent)
    case interrupted
  }

  /// Does the job. Says what goes wrong, and goes on where only one file is concerned.
  ///
  /// Call once in a process: it takes over Ctrl-C, after which it returns `.interrupted` with all
  /// output written so far complete.
  public func run() async -> ExitStatus {
    let (events, continuation) = AsyncStream.makeStream(of: Event.self)
    InterruptSignal.onFirst { continuation.yield(.interrupted) }
    let inputs = AudioInputs(audio, isRecursive: isRecursive)
    let progress = CaptionProgress(fileCount: inputs.files.count)
    var failures: [ExitStatus] = []
    for problem in inputs.problems { failures.append(report(problem, to: progress)) }
    guard !inputs.files.isEmpty else { return Self.status(of: failures) }
    do {
      let captioner = try makeCaptioner(progress)
      let writer = try CaptionWriter(
        format, of: inputs.files, best: captioner.options.decoding.best, path: output)
      let forwarding = Task {
        for await event in captioner.events(of: inputs.files) {
          continuation.yield(.captioner(event))
        }
        continuation.finish()
      }
      defer { forwarding.cancel() }
      progress.tell()
      for await event in events {
        guard case .captioner(let event) = event else {
          return try interrupted(writer, progress)
        }
        if let failure = try handle(event, writer, progress) { failures.append(failure) }
      }
      progress.hide()
      try writer.finish(keepsEmpty: failures.isEmpty)
      return Self.status(of: failures)
    } catch {
      return report(error, to: progress)
    }
  }

  private func makeCaptioner(_ progress: CaptionProgress) throws -> Captioner {
    if let threadCount {
      guard (1...1024).contains(threadCount) else {
        throw CaptionerError.option(
          "--threads", found: "\(threadCount)", expected: "a number from 1 to 1024")
      }
      WorkPool.shared.threadCount = threadCount
    }
    let bundle = try ModelBundle(
      contentsOf: URL(fileURLWithPath: model), tokenizer: tokenizer.map(URL.init(fileURLWithPath:)))
    var options = CaptionerOptions(
      decoding: try decoding.applied(to: bundle.decodingOptions(source: model)))
    options.batchSize = batchSize ?? options.batchSize
    options.dropPartial = dropPartial
    options.precision = precision
    do {
      return try Captioner(bundle, options: options)
    } catch let error as DecodingOptionsError {
      throw CaptionerError.option(
        DecodingChoices.optionName(error.key), found: error.found, expected: error.expected)
    }
  }

  private func handle(
    _ event: CaptionEvent, _ writer: CaptionWriter, _ progress: CaptionProgress
  ) throws -> ExitStatus? {
    switch event {
    case .caption(let caption):
      if writer.isTerminal { progress.hide() }
      try writer.add(caption)
      progress.chunkDone()
    case .warning(let audio, let warning):
      progress.say("warning: " + ExitStatus.message(for: OddAudio(audio, warning)))
    case .failed(_, let error):
      try writer.endAudio()
      let status = report(error, to: progress)
      progress.fileDone()
      return status
    case .finished:
      if writer.isTerminal { progress.hide() }
      try writer.endAudio()
      progress.fileDone()
    }
    return nil
  }

  private func interrupted(
    _ writer: CaptionWriter, _ progress: CaptionProgress
  ) throws -> ExitStatus {
    progress.hide()
    try writer.finish(keepsEmpty: false)
    let place = output.map { writer.count == 0 ? "" : " in \($0)" } ?? ""
    progress.say("interrupted: \(writer.count) captions written\(place)")
    return .interrupted
  }

  private func report(_ error: any Error, to progress: CaptionProgress) -> ExitStatus {
    progress.say("error: " + ExitStatus.message(for: error))
    return ExitStatus(error)
  }

  /// Of a batch in which some files failed: bad data, unless nothing but missing files kept them.
  private static func status(of failures: [ExitStatus]) -> ExitStatus {
    if failures.isEmpty { return .done }
    return failures.allSatisfy { $0 == .missingInput } ? .missingInput : .badData
  }
}

/// A warning as one line with its file.
private struct OddAudio: Error, CustomStringConvertible {
  let description: String

  init(_ audio: String, _ warning: AudioWarning) { description = "\(audio): \(warning)" }
}
