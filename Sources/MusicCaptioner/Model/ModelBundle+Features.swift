import Foundation

/// What the model computes on the way to a caption, as plain numbers: for search by similarity, for
/// tagging, for a decoder of one's own.
extension ModelBundle {
  /// The names of the tags that the model scores, in the order of its scores; empty where it scores none
  /// or doesn't know their names.
  public package(set) var tags: [String] {
    get {
      guard case .list(let names)? = extras[ConfigurationMember.tags] else { return [] }
      return names.compactMap { if case .text(let name) = $0 { name } else { nil } }
    }
    set {
      extras[ConfigurationMember.tags] =
        newValue.isEmpty ? nil : .list(newValue.map(JSONValue.text))
    }
  }

  /// - Throws: `ModelError` where the names of the tags are none, or not as many as the model scores.
  func checkTags() throws(ModelError) {
    guard let value = extras[ConfigurationMember.tags] else { return }
    let count = model.configuration.tagCount
    guard case .list(let names) = value, tags.count == names.count, names.count == count else {
      let found = if case .list(let names) = value { "a list of \(names.count)" } else { "no list" }
      throw ModelError(
        OptionError(ConfigurationMember.tags, found: found, expected: "a list of \(count) names"),
        file: source)
    }
  }

  /// The log-mels of a clip's chunks, as the model is given them.
  ///
  /// - Parameter clip: At any rate. It is cut into chunks as captioning cuts it; the last is padded with
  ///   zeros.
  /// - Returns: `[chunks, frames, mels]`
  /// - Throws: `AudioError` where the clip can't be resampled to the model's rate.
  public func logMel(of clip: AudioClip) throws -> Tensor {
    let chunks = try clip.resampled(to: audio.sampleRate).chunks(ChunkOptions(audio))
    let extractor = try LogMelExtractor(audio)
    let logMels = chunks.map { extractor($0.samples) }
    guard !logMels.isEmpty else { return Tensor(zeros: [0, audio.clipFrames, audio.melCount]) }
    return Tensor(concatenating: logMels)
      .reshaped(to: [chunks.count, audio.clipFrames, audio.melCount])
  }

  /// What the decoder is given of each chunk: the encoder's output.
  ///
  /// - Parameter logMel: `[chunks, frames, mels]`
  /// - Returns: `[chunks, positions, width]`
  /// - Throws: `ModelError` for log-mels of other sizes than this model's.
  public func encoderOutput(
    _ logMel: Tensor, precision: ComputePrecision = .float32
  ) throws(ModelError) -> Tensor {
    let rows = try model.encoderOutput(logMel, in: .inference(precision)).value
    let positions = model.configuration.positionCount(frames: audio.clipFrames)
    return rows.reshaped(to: [logMel.shape[0], positions, rows.width])
  }

  /// How likely each tag is for each chunk, from 0 to 1; nil for a model that scores no tags.
  ///
  /// - Parameter logMel: `[chunks, frames, mels]`
  /// - Returns: `[chunks, tags]`, in the order of ``tags``
  /// - Throws: `ModelError` for log-mels of other sizes than this model's.
  public func tagScores(
    _ logMel: Tensor, precision: ComputePrecision = .float32
  ) throws(ModelError) -> Tensor? {
    try model.check(logMel)
    guard model.tagHead != nil else { return nil }
    let pass = ForwardPass.inference(precision)
    let clipCount = logMel.shape[0]
    let inputs = model.frontEnd(logMel, in: pass)
    let memory =
      model.configuration.tagSource == .encoder
      ? model.encode(inputs, clipCount: clipCount, in: pass) : nil
    return model.tagScores(inputs, memory: memory, clipCount: clipCount, in: pass)
  }
}
