import Foundation

/// Writes a run's curves and sample captions for TensorBoard: `tensorboard --logdir FOLDER`.
///
/// Each session of a run has its own event file. Where there are earlier ones, it begins with a mark that
/// makes TensorBoard drop the steps that are taken again.
struct TensorBoardWriter: Sendable {
  private let file: AppendOnlyFile
  private let now: @Sendable () -> Double

  /// Starts an event file.
  ///
  /// - Parameters:
  ///   - folder: An existing folder.
  ///   - step: The step of the checkpoint that the run is resumed from; 0 for a new run, or one that was
  ///     ended before its first checkpoint.
  ///   - host: Part of the file's name.
  ///   - now: Seconds since 1970.
  /// - Throws: `FileError` if the file can't be created.
  init(
    folder: URL, resumingFrom step: Int = 0, host: String = ProcessInfo.processInfo.hostName,
    now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) throws(FileError) {
    self.now = now
    let time = now()
    let earlier = try Self.latestSecond(of: Folders.names(in: folder.path))
    var second = Self.second(time)
    if let earlier, earlier > second { second = min(earlier + 1, Self.latestTime) }
    file = try Self.newFile(in: folder, second: second, host: host)
    var events = [TensorBoardEvent(wallTime: time, step: 0, content: .fileVersion)]
    if step > 0 || earlier != nil {
      events.append(.init(wallTime: time, step: step + 1, content: .restart))
    }
    try file.append(events.flatMap(\.record))
  }

  /// The event file of this session.
  var url: URL { file.url }

  private static let prefix = "events.out.tfevents."
  private static let latestTime = 9_999_999_999

  private static func second(_ time: Double) -> Int { Int(min(max(time, 0), Double(latestTime))) }

  /// The time in the name of the last event file; nil if there is none.
  private static func latestSecond(of names: [String]) -> Int? {
    names.compactMap { name in
      name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count).prefix { $0 != "." }) : nil
    }.max().map { min(max($0, 0), latestTime) }
  }

  /// Readers order files by name, so times have ten digits and never go back, whatever the clock does, and
  /// further files of the same second have a number at the end.
  private static func newFile(
    in folder: URL, second: Int, host: String
  ) throws(FileError) -> AppendOnlyFile {
    let seconds = String(second)
    let digits = String(repeating: "0", count: 10 - seconds.count) + seconds
    let safeHost = String(host.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    let name = "\(prefix)\(digits).\(safeHost.isEmpty ? "localhost" : safeHost)"
    var file = AppendOnlyFile(url: folder.appending(path: name))
    var number = 1
    while try !file.create() {
      file = AppendOnlyFile(url: folder.appending(path: "\(name).\(number)"))
      number += 1
    }
    return file
  }

  /// Writes the metrics as curves, with the names used by most PyTorch projects: `train/loss`,
  /// `train/learning_rate`, `validation/loss`. Further metrics go to `validation/`, or to `train/`
  /// if their key begins with `train_`.
  ///
  /// - Throws: `FileError` if the file can't be written.
  func write(_ line: MetricsLine) throws(FileError) {
    func summary(_ key: String, _ value: Double, defaultSection: String) -> TensorBoardSummary {
      let section = ["train", "validation"].first { key.hasPrefix($0 + "_") }
      let tag = section.map { "\($0)/\(key.dropFirst($0.count + 1))" }
      return TensorBoardSummary(
        tag: tag ?? "\(defaultSection)/\(key)", value: .scalar(Float(value)))
    }
    try write(
      [summary("epoch", line.epoch, defaultSection: "train")]
        + line.metrics.map { summary($0.key, $0.value, defaultSection: "train") }
        + line.extraMetrics.map { summary($0.key, $0.value, defaultSection: "validation") },
      step: line.step)
  }

  /// Writes a sample caption of a validation clip, as text with the tag `samples/<clip>`.
  ///
  /// - Throws: `FileError` if the file can't be written.
  func writeSample(
    clip: String, caption: String, reference: String?, step: Int
  ) throws(FileError) {
    // Markdown: two spaces at the end of a line make a line break.
    let text = caption + (reference.map { "  \n*reference:* \($0)" } ?? "")
    try write([TensorBoardSummary(tag: "samples/\(clip)", value: .text(text))], step: step)
  }

  private func write(_ summaries: [TensorBoardSummary], step: Int) throws(FileError) {
    let event = TensorBoardEvent(wallTime: now(), step: step, content: .summaries(summaries))
    try file.append(event.record)
  }
}
