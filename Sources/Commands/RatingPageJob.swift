import Foundation
import MusicCaptioner

/// What `evaluate --rating-page` does: two files of predictions and a folder of audio to a page.
package struct RatingPageJob: Sendable {
  /// The two systems' predictions.
  package var predictions: [String]
  /// The folder with the clips.
  package var audio: String?
  /// Clips to draw; all if nil.
  package var sample: Int?
  /// The page loads the clips from their files instead of holding them.
  package var linksAudio = false
  package var seed: UInt64 = 0
  /// Standard output if nil.
  package var output: String?

  /// Beyond this many bytes browsers take long to open a page, phones most of all.
  private static let largePage = 250_000_000

  private let console = Console.standard

  package init(predictions: [String]) {
    self.predictions = predictions
  }

  /// Does the job, and says on standard error what goes wrong.
  package func run() -> ExitStatus {
    do {
      try writePage()
      return .done
    } catch {
      return console.error(error)
    }
  }

  private func writePage() throws {
    guard predictions.count == 2 else {
      throw UsageError(
        "--rating-page", found: "\(predictions.count) files", expected: "two files of predictions")
    }
    guard let audio else {
      throw UsageError(
        "--rating-page", found: "no --audio", expected: "--audio DIR, the folder with the clips")
    }
    if let sample, sample < 1 {
      throw UsageError("--sample", found: "\(sample)", expected: "1 or more")
    }
    var outputs = OutputGuard()
    for path in predictions { outputs.reads(table: path) }
    outputs.reads(soundsIn: audio)
    try outputs.writes(output, as: "--output")
    let clips = try readClips()
    let folder = try RatingAudio(folder: audio)
    let playable = clips.filter { clip in
      folder.file(of: clip.id).map { Folders.canRead($0.url.path) } ?? false
    }
    try checkAudio(of: clips, found: playable.count, in: audio)
    let rated = try differing(playable)
    if let sample, sample > rated.count {
      console.warn(
        "--sample asks for \(sample) clips, but there are \(rated.count); the page has all")
    }
    let page = RatingPage(
      a: rated.map(\.a), b: rated.map(\.b), clips: rated.map(\.id),
      names: (predictions[0], predictions[1]), sampleCount: sample, seed: seed)
    try write(page, folder)
  }

  private func readClips() throws -> [(id: String, a: String, b: String)] {
    let (a, b) = (predictions[0], predictions[1])
    let first = try CaptionPair.readPredictions(a)
    let second = try CaptionPair.aligning(
      try CaptionPair.readPredictions(b), from: b, to: first, from: a)
    let clips = try zip(first, second).enumerated().map { index, pair in
      guard let id = pair.0.id ?? pair.1.id else {
        throw EvaluationError(
          .missingField(record: index + 1, names: CaptionPair.idNames), file: a)
      }
      return (id: id, a: pair.0.prediction, b: pair.1.prediction)
    }
    // Two chunks of one song would be the same sound twice, and one clip in the report.
    try CaptionPair.recordsByID(clips.map(\.id), in: first.first?.id == nil ? b : a)
    return clips
  }

  /// The clips of which there is something to choose: where both captions are the same, nobody could.
  private func differing(
    _ clips: [(id: String, a: String, b: String)]
  ) throws -> [(id: String, a: String, b: String)] {
    // Spaces don't show on a page.
    func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }
    let differing = clips.filter { words($0.a) != words($0.b) }
    let count = clips.count - differing.count
    guard !differing.isEmpty else {
      throw EvaluationError(
        .sameCaptions(count: count, other: predictions[1]), file: predictions[0])
    }
    if count > 0 {
      console.say(
        "\(count) of \(clips.count) clips have the same caption twice; the page leaves them out")
    }
    return differing
  }

  private func checkAudio(
    of clips: [(id: String, a: String, b: String)], found count: Int, in folder: String
  ) throws {
    guard count > 0 else {
      throw EvaluationError(.noAudio(example: clips.first?.id ?? ""), file: folder)
    }
    if count < clips.count {
      console.warn(
        "\(folder): no audio file for \(clips.count - count) of \(clips.count) clips; "
          + "the page leaves them out")
    }
  }

  private func write(_ page: RatingPage, _ folder: RatingAudio) throws {
    let file = try CaptionOutput(output)
    var byteCount = 0
    let base = PathName.url(output ?? "page.html").deletingLastPathComponent()
    try page.write(isLinked: linksAudio) { item in
      guard let sound = folder.file(of: item.clip) else {
        throw EvaluationError(.noAudio(example: item.clip), file: folder.folder.path)
      }
      if linksAudio { return .linked(RatingAudio.link(to: sound.url, from: base)) }
      let bytes = try EvaluationFile.contents(of: sound.url, expected: "an audio file")
      return .embedded(type: sound.type, base64: Data(bytes).base64EncodedString())
    } to: { text in
      byteCount += text.utf8.count
      try file.write(text)
    }
    try file.finish()
    let size = ProgressFormat.bytes(byteCount)
    console.say("\(output ?? "page"): \(page.items.count) clips, \(size)")
    if byteCount > Self.largePage {
      console.warn("\(size) is much for a browser; --link-audio keeps the clips in their files")
    }
  }
}
