import Foundation
import MusicCaptioner

/// Where the captions of a run go, and which of them are there already.
enum CaptionOutputPlan: Sendable {
  /// - Parameter resumes: Whether audio files that have all of their files in a tree are left out.
  case written(CaptionWriter.Destination, resumes: Bool)
  /// JSON Lines that are continued.
  case resumed(path: String)
  case sidecars(SidecarPlan)

  /// - Throws: `UsageError` for options that don't go together.
  init(_ job: CaptionJob, _ inputs: AudioInputs) throws(UsageError) {
    if job.sidecar == nil {
      for (isGiven, flag) in [(job.prefix != nil, "--prefix"), (job.overwrites, "--overwrite")]
      where isGiven {
        throw UsageError(flag, found: "no --sidecar", expected: "one that it is for")
      }
    }
    if job.outputFolder != nil && job.output != nil {
      throw UsageError(
        "--output-dir", found: "--output as well",
        expected: "one of them: a file for each audio file, or one for all")
    }
    if let folder = job.outputFolder, folder.isEmpty || folder == "-" {
      throw UsageError(
        "--output-dir", found: folder.isEmpty ? "nothing" : "\"-\"", expected: "a folder")
    }
    if let sidecar = job.sidecar {
      self = .sidecars(
        try SidecarPlan(
          sidecar, inputs, folder: job.outputFolder ?? job.output, prefix: job.prefix ?? "",
          overwrites: job.overwrites))
      return
    }
    if let folder = job.outputFolder {
      self = .written(
        .tree(OutputTree(folder, job.formats, places: inputs.places)), resumes: job.resumes)
      return
    }
    guard let format = job.formats.first, job.formats.count == 1 else {
      throw UsageError(
        "--format all", found: "no --output-dir",
        expected: "a folder for the files, such as --output-dir .")
    }
    if let output = job.output, format.isSubtitles,
      Folders.exists(output) || output.utf8.last == UInt8(ascii: "/")
    {
      self = .written(
        .tree(OutputTree(output, job.formats, places: inputs.places)), resumes: job.resumes)
      return
    }
    guard job.resumes else {
      self = .written(.document(format, path: job.output), resumes: false)
      return
    }
    guard let path = job.output else {
      throw UsageError("--resume", found: "no --output", expected: "a file to continue")
    }
    guard format == .jsonl else {
      throw UsageError(
        "--resume", found: "--format \(format.rawValue)",
        expected: "jsonl, or --output-dir: files of other formats can't be continued")
    }
    self = .resumed(path: path)
  }

  /// Where that is, in messages; nil for standard output.
  var place: String? {
    switch self {
    case .written(.document(_, let path), _): path
    case .written(.tree(let tree), _): tree.folder
    case .resumed(let path): path
    case .sidecars(let plan): plan.folder
    }
  }

  /// Makes sure that no output takes the place of what is read.
  func protect(
    _ paths: [String], model: String, tokenizer: String?, option: String
  ) throws(OutputError) {
    var outputs = OutputGuard()
    outputs.reads(paths)
    outputs.reads(model: model)
    outputs.reads(tokenizer)
    switch self {
    case .written(let destination, _):
      for path in CaptionWriter.paths(destination, fileCount: paths.count) {
        try outputs.writes(path, as: option, isDerived: option == "--output-dir")
      }
    case .resumed(let path):
      try outputs.writes(path, as: option, hasCompanions: true)
    case .sidecars(let plan):
      for index in paths.indices where plan.clashes[index] == nil && !plan.leavesOut(index) {
        for path in plan.paths(index) { try outputs.writes(path, as: "--sidecar", isDerived: true) }
      }
    }
  }

  /// Opens the outputs.
  ///
  /// - Parameters:
  ///   - paths: The audio files.
  ///   - best: Captions of each chunk.
  /// - Returns: What takes the captions; the positions of the audio files that are left out; and why those that can't have
  ///   an output are.
  func open(
    _ paths: [String], best: Int, holdsSongs: Bool
  ) throws -> (sink: any CaptionSink, done: Set<Int>, problems: [OutputError]) {
    switch self {
    case .written(let destination, let resumes):
      var done: Set<Int> = []
      if resumes, case .tree(let tree) = destination {
        done = Set(paths.indices.filter { tree.isDone($0, source: paths[$0]) })
      }
      let writer = try CaptionWriter(
        destination, positions: paths.indices.filter { !done.contains($0) }, best: best,
        holdsSongs: holdsSongs)
      return (writer, done, [])
    case .resumed(let path):
      let document = CaptionDocument(.jsonl, best: best, holdsSongs: holdsSongs)
      let output = try ResumedOutput(path, document)
      return (output, try output.begin(paths), [])
    case .sidecars(let plan):
      if plan.sidecar == .webdataset, let folder = plan.folder {
        let (writer, done) = try WebDatasetWriter.open(folder, paths, prefix: plan.prefix)
        return (writer, done, [])
      }
      let (writer, done) = try SidecarWriter.open(plan, paths)
      let problems = plan.clashes.sorted { $0.key < $1.key }.map { index, other in
        OutputError(.otherOutput(other), option: "--sidecar", path: plan.paths(index)[0])
      }
      return (writer, done, problems)
    }
  }

  /// What to say of audio files that are left out; nil if there are none.
  func line(done: Int, of count: Int) -> String? {
    guard done > 0 else { return nil }
    let files = "\(done) of \(count) files"
    switch self {
    case .written, .resumed: return "\(files) are captioned already"
    case .sidecars: return "\(files) have a sidecar already; --overwrite replaces them"
    }
  }
}
