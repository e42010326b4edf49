import Foundation

/// Captions clips with the current model, to show its progress.
struct SampleCaptioner: Sendable {
  let bundle: ModelBundle
  let options: DecodingOptions

  /// The first validation clips that can be read, with their reference captions.
  func samples(of source: BatchSource, count: Int, step: Int) throws -> [SampleCaption] {
    var samples: [SampleCaption] = []
    var position = BatchPosition()
    let wanted = min(count, source.tracks.count)
    while samples.count < wanted, position.epoch == 0 {
      let batch = try source.batch(at: position)
      let rows = min(wanted - samples.count, batch.count)
      let captions = try caption(batch.logMel.rows(0..<rows))
      for (index, text) in captions.enumerated() {
        samples.append(
          SampleCaption(
            step: step, id: batch.trackIDs[index], caption: text,
            reference: batch.captions[index]))
      }
      position = position.advanced(by: 1, batchesPerEpoch: source.batchesPerEpoch)
    }
    return samples
  }

  /// Captions a synthesized clip, and leaves it as a WAV file for trying `caption`.
  func sample(of clip: SynthesizedClip, leavingFileIn folder: URL, step: Int) throws
    -> SampleCaption
  {
    let audio = try AudioClip(samples: clip.samples, sampleRate: MusicSynthesizer.sampleRateHertz)
    let name = "\(clip.name).wav"
    try audio.writeWave(to: folder.appending(path: name))
    // Padded or cut to the model's length, as a recording is.
    let texts = try caption(bundle.logMel(of: audio).rows(0..<1))
    return SampleCaption(
      step: step, id: name, caption: texts.first ?? "", reference: clip.captions.first ?? "")
  }

  private func caption(_ logMel: Tensor) throws -> [String] {
    try DecodingTask(bundle.model, options).run(logMel: logMel).map(bundle.text)
  }
}
