import Foundation
import Synchronization

/// The tracks of a run.
struct RunData: Sendable {
  let training: TrackSet
  let validation: TrackSet?
  /// Synthesized clips that are used neither for training nor for validation, to be captioned at
  /// the end.
  let heldOut: [SynthesizedClip]

  /// Reads the configuration's sources, or synthesizes the music.
  static func load(_ configuration: RunConfiguration, relativeTo folder: URL) throws -> RunData {
    if let options = configuration.synthesizedMusic { return try synthesize(options) }
    let training = try TrackSet(configuration.data.train, relativeTo: folder)
    let validation =
      configuration.data.validation.isEmpty
      ? nil : try TrackSet(configuration.data.validation, relativeTo: folder)
    return RunData(training: training, validation: validation, heldOut: [])
  }

  private static let validationCount = 32
  private static let heldOutCount = 12

  private static func synthesize(_ options: SynthesizedMusicOptions) throws -> RunData {
    let synthesizer = try MusicSynthesizer(options: options)
    let count = options.clipCount + validationCount + heldOutCount
    let clips = Mutex<[Int: SynthesizedClip]>([:])
    WorkPool.shared.forEach(count) { index in
      let clip = synthesizer.clip(index)
      clips.withLock { $0[index] = clip }
    }
    let made = clips.withLock { clips in (0..<count).compactMap { clips[$0] } }
    return RunData(
      training: try TrackSet(made[..<options.clipCount].map(track)),
      validation: try TrackSet(
        made[options.clipCount..<options.clipCount + validationCount].map(track)),
      heldOut: Array(made.suffix(heldOutCount)))
  }

  private static func track(_ clip: SynthesizedClip) -> Track {
    Track(
      id: clip.name, audio: .samples(clip.samples), tags: clip.tags,
      captions: clip.captions.map { TrackCaption(.caption, $0) })
  }

  /// Warnings about the sources.
  var warnings: [DataWarning] { training.warnings + (validation?.warnings ?? []) }

  /// The bytes of the recordings held in memory.
  var recordingBytes: Int {
    training.table.recordingBytes + (validation?.table.recordingBytes ?? 0)
      + heldOut.reduce(0) { $0 + $1.samples.count * MemoryLayout<Float>.size }
  }

  /// Captions for learning a tokenizer.
  var trainingCaptions: [String] {
    var captions: [String] = []
    training.forEachCaption { captions.append($0) }
    return captions
  }
}
