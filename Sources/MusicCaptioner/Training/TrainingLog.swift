/// The logs of a run: `metrics.jsonl`, `samples.jsonl` and TensorBoard's event file.
struct TrainingLog: Sendable {
  private let metrics: MetricsLog
  private let samples: JSONLinesFile
  private let tensorBoard: TensorBoardWriter

  /// - Parameters:
  ///   - step: The step at which the run begins or resumes; records of later steps are dropped,
  ///     since those steps are taken again.
  ///   - owesValidation: Whether that step is validated again, so that its records are dropped too.
  init(_ run: RunFolder, afterStep step: Int, owesValidation: Bool) throws(FileError) {
    metrics = MetricsLog(url: run.metrics)
    samples = JSONLinesFile(url: run.samples)
    try metrics.truncate(afterStep: step, owesValidation: owesValidation)
    try samples.truncate(afterStep: owesValidation ? step - 1 : step)
    tensorBoard = try TensorBoardWriter(folder: run.url, resumingFrom: step)
  }

  func append(_ line: MetricsLine) throws(FileError) {
    try metrics.append(line)
    try tensorBoard.write(line)
  }

  func append(_ sample: SampleCaption) throws(FileError) {
    var line = JSONObject()
    line.set("step", sample.step)
    line.set("id", sample.id)
    line.set("caption", sample.caption)
    line.set("reference", sample.reference)
    try samples.append(line)
    try tensorBoard.writeSample(
      clip: sample.id, caption: sample.caption, reference: sample.reference, step: sample.step)
  }
}
