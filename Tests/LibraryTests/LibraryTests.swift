import Foundation
import MusicCaptioner
import Testing

/// The code of `Docs/Library.md`, compiled as a user of the library would: this target has no access to
/// what the package keeps to itself.
@Suite struct LibraryTests {
  // MARK: The blocks

  private func captionAFile() throws {
    let captioner = try Captioner(model: URL(fileURLWithPath: "runs/quickstart/model"))
    for caption in try captioner.caption(URL(fileURLWithPath: "song.wav")) {
      print(caption.start, caption.end, caption.text)
    }
  }

  private func captionSamples(_ samples: [Float], _ captioner: Captioner) throws {
    let captions = try captioner.caption(samples: samples, sampleRate: 44_100)
    print(captions.map(\.text))
  }

  private func captionManyFiles(_ files: [URL], _ captioner: Captioner) async {
    for await event in captioner.events(of: files) {
      switch event {
      case .caption(let caption): print(caption.audio, caption.text)
      case .warning(let audio, let warning): print(audio, warning)
      case .failed(let audio, let error): print(audio, error)
      case .finished: break
      }
    }
  }

  private func captionBytes(_ bytes: Data, _ captioner: Captioner) throws -> String {
    let clip = try AudioClip(bytes, name: "upload.mp3")
    let captions = try captioner.caption(clip)
    let json = try JSONEncoder().encode(captions)
    return String(decoding: json, as: UTF8.self)
  }

  private func describe(_ file: URL, _ captioner: Captioner) throws -> SongDescription {
    let song = try captioner.describe(file)
    print(song.caption, song.tags.map(\.tag), song.facts.tempo?.beatsPerMinute ?? 0)
    return song
  }

  private func features(_ model: URL, _ clip: AudioClip) throws -> ([Float], Tensor, Tensor?) {
    let bundle = try ModelBundle(contentsOf: model)
    let logMel = try bundle.logMel(of: clip)
    let encoded = try bundle.encoderOutput(logMel)
    let tags = try bundle.tagScores(logMel)
    return (logMel.values, encoded, tags)
  }

  private func trainingLoop(
    _ tokenizer: Tokenizer, _ sizes: ModelConfiguration, _ audio: AudioFeatureOptions,
    _ clips: [AudioClip], _ sentences: [String]
  ) throws -> (ModelBundle, [Double]) {
    let bundle = try ModelBundle(untrained: sizes, audio: audio, tokenizer: tokenizer)
    let step = TrainingStep(bundle.model)
    let optimizer = AdamW(bundle.model)
    let logMel = Tensor(concatenating: try clips.map { try bundle.logMel(of: $0) })
    let batch = Batch(logMel: logMel, captions: sentences.map { tokenizer.encode($0) })
    let losses = try (0..<30).map { number in
      try step(number, on: [batch], optimizer, learningRate: 3e-3).loss
    }
    return (bundle, losses)
  }

  private func evaluate(_ predictions: [String], _ references: [[String]]) throws -> Double? {
    let pairs = zip(predictions, references).map { CaptionPair(prediction: $0, references: $1) }
    let evaluation = try CaptionEvaluator([.bleu, .rouge]).evaluate(pairs)
    let bleu4 = evaluation["bleu4"]
    return bleu4
  }

  private func train(
    _ clips: [[Float]], _ sentences: [String], configurationFile: URL, output: URL
  ) throws {
    let configuration = try RunConfiguration(contentsOf: configurationFile)
    let tracks = zip(clips, sentences).map { Track(samples: $0, captions: [$1]) }
    let trainer = try Trainer(configuration, tracks: tracks, output: output)
    if case .finished(let model) = try trainer.train() {
      print(try Captioner(model: model).caption(samples: clips[0]).map(\.text))
    }
  }

  private func watch(_ configuration: RunConfiguration, _ tracks: [Track], output: URL) throws {
    let trainer = try Trainer(configuration, tracks: tracks, output: output) { event in
      if case .step(let line) = event { print(line.step, line.loss ?? .nan) }
    }
    _ = try trainer.train()
  }

  // MARK: They run

  private static let tiny = """
    seed: 3
    tokenizer: {vocabulary_size: 300, minimum_frequency: 1}
    audio: {clip_seconds: 1, mel_count: 16}
    model:
      d_model: 16
      encoder_layers: 1
      decoder_layers: 1
      encoder_attention_heads: 2
      decoder_attention_heads: 2
      encoder_ffn_dim: 32
      decoder_ffn_dim: 32
      max_position_embeddings: 64
    data: {maximum_tokens: 32, loader_threads: 1}
    training: {batch_size: 2, epochs: 2, warmup_epochs: 0, learning_rate: 1e-3}
    generation: {beam_width: 1, maximum_length: 8}
    """

  private static let clips: [[Float]] = [220, 440, 330].map { pitch in
    (0..<16_000).map { sin(2 * .pi * pitch * Float($0) / 16_000) / 2 }
  }
  private static let sentences = ["A low tone.", "A high tone.", "A tone in between."]

  private func inFolder(_ body: (_ configuration: URL, _ output: URL) throws -> Void) throws {
    try withFolder { folder in
      let file = folder.appending(path: "tiny.yaml")
      try Data(Self.tiny.utf8).write(to: file)
      try body(file, folder.appending(path: "run"))
    }
  }

  @Test func arraysOfSamplesAndSentencesTrainAModelThatCaptions() throws {
    try inFolder { configuration, output in
      try train(Self.clips, Self.sentences, configurationFile: configuration, output: output)
      let captioner = try Captioner(model: output.appending(path: "model"))
      #expect(try captioner.caption(samples: Self.clips[1]).count == 1)
      try captionSamples(Self.clips[2], captioner)
    }
  }

  private static func clip(_ index: Int) throws -> AudioClip {
    try AudioClip(samples: clips[index], sampleRate: 16_000)
  }

  @Test func soundInMemoryIsCaptionedAsItsFileIs() throws {
    try inFolder { configuration, output in
      try train(Self.clips, Self.sentences, configurationFile: configuration, output: output)
      let captioner = try Captioner(model: output.appending(path: "model"))
      let file = output.appending(path: "tone.wav")
      try Self.clip(0).writeWave(to: file)
      let bytes = try Data(contentsOf: file)
      let json = try captionBytes(bytes, captioner)
      var captions = try JSONDecoder().decode([Caption].self, from: Data(json.utf8))
      let fromFile = try captioner.caption(AudioClip(contentsOf: file))
      #expect(captions == fromFile)
      let song = try describe(file, captioner)
      #expect(song.chunks.count == fromFile.count)
      let read = try JSONDecoder().decode(
        SongDescription.self, from: JSONEncoder().encode(song))
      #expect(read == song)
      captions = try captioner.caption(file)
      let line = try JSONEncoder().encode(captions[0])
      #expect(try JSONDecoder().decode(Caption.self, from: line) == captions[0])

      for damaged in [Data(), Data("no sound".utf8), bytes.prefix(40)] {
        let error = #expect(throws: AudioError.self) {
          _ = try AudioClip(damaged, name: "upload")
        }
        #expect(error.map { "\($0)".hasPrefix("upload") } == true)
      }
      #expect(throws: AudioError.self) { _ = try AudioClip(samples: [0], sampleRate: 0) }
    }
  }

  @Test func whatAModelHearsIsGivenAsNumbers() throws {
    try inFolder { file, output in
      var configuration = try RunConfiguration(contentsOf: file)
      configuration.data.tagCount = 2
      configuration.training.tagLossWeight = 0.1
      let tracks = zip(Self.clips, Self.sentences).map {
        Track(samples: $0, captions: [$1], tags: $1.contains("high") ? ["high"] : ["low", "tone"])
      }
      _ = try Trainer(configuration, tracks: tracks, output: output).train()
      let model = output.appending(path: "model")
      let clip = try AudioClip(samples: Self.clips[0] + Self.clips[1], sampleRate: 16_000)
      let (logMel, encoded, tags) = try features(model, clip)
      #expect(logMel.count == 2 * 101 * 16 && logMel.allSatisfy { $0.isFinite })
      #expect(encoded.shape == [2, 4, 16])
      let scores = try #require(tags)
      #expect(scores.shape == [2, 2] && scores.values.allSatisfy { (0...1).contains($0) })
      let names = try ModelBundle(contentsOf: model).tags
      #expect(names == ["low", "tone"])
    }
  }

  @Test func aTrainingLoopOfOnesOwnLearnsItsCaptions() throws {
    let (sizes, audio) = (TinyModel.sizes, TinyModel.audio)
    let tokenizer = try Tokenizer.learn(from: Self.sentences, vocabularySize: 300)
    let clips = try Self.clips.indices.map(Self.clip)
    let (bundle, losses) = try trainingLoop(tokenizer, sizes, audio, clips, Self.sentences)
    #expect(losses.allSatisfy { $0.isFinite })
    let (first, last) = (try #require(losses.first), try #require(losses.last))
    #expect(last < 0.8 * first, "\(losses)")
    // It is a model like any other.
    let captioner = try Captioner(bundle)
    let captions = try captioner.caption(clips[0])
    #expect(captions.count == 1)
    try withFolder { folder in
      let model = folder.appending(path: "model")
      try bundle.write(to: model)
      let again = try Captioner(model: model).caption(clips[0])
      let before = try captioner.caption(clips[0])
      #expect(again == before)
    }
  }

  @Test(arguments: [0.4, 2.5])
  func synthesizedClipsOfAnotherLengthThanTheModelsArePaddedOrCut(_ seconds: Double) throws {
    try inFolder { file, output in
      var configuration = try RunConfiguration(contentsOf: file)
      configuration.synthesizedMusic = SynthesizedMusicOptions(
        clipCount: 4, seed: 0, clipSeconds: seconds)
      let folder = file.deletingLastPathComponent()
      let trainer = try Trainer(configuration, relativeTo: folder, output: output)
      guard case .finished = try trainer.train() else {
        Issue.record("the run did not finish")
        return
      }
    }
  }

  @Test func captionsAreScored() throws {
    let bleu = try evaluate(["a calm piano tune"], [["a calm piano tune"]])
    #expect(bleu == 1)
  }

  @Test func aRunOnArraysTellsItsStepsAndResumesBitForBit() throws {
    try inFolder { file, output in
      var configuration = try RunConfiguration(contentsOf: file)
      let tracks = zip(Self.clips, Self.sentences).map { Track(samples: $0, captions: [$1]) }
      try watch(configuration, tracks, output: output)
      let whole = try Data(contentsOf: output.appending(path: "model/model.safetensors"))

      let other = output.deletingLastPathComponent().appending(path: "other")
      configuration.training.checkpointEverySteps = 1
      let first = try Trainer(configuration, tracks: tracks, output: other)
      guard case .interrupted = try first.train(shouldStop: { true }) else {
        Issue.record("the run did not stop")
        return
      }
      _ = try Trainer(configuration, tracks: tracks, output: other, resumes: true).train()
      let resumed = try Data(contentsOf: other.appending(path: "model/model.safetensors"))
      #expect(whole == resumed)
    }
  }

  @Test func noTracksAreAnErrorThatLeavesNoRunBehind() throws {
    try inFolder { file, output in
      let configuration = try RunConfiguration(contentsOf: file)
      #expect(throws: DataError.self) {
        try Trainer(configuration, tracks: [], output: output)
      }
      #expect(!FileManager.default.fileExists(atPath: output.path))
      let silent = [Track(samples: Self.clips[0], captions: [])]
      #expect(throws: DataError.self) {
        try Trainer(configuration, tracks: silent, output: output)
      }
    }
  }
}

/// Runs `body` with a folder that is gone afterwards.
func withFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

/// Faults of a caller are errors that say what was found and what was expected.
@Suite struct LibraryErrorTests {
  private func bundle() throws -> ModelBundle {
    try TinyModel.bundle()
  }

  @Test func aModelFolderTakesThePlaceOfAModelAndOfNothingElse() throws {
    let bundle = try bundle()
    try withFolder { folder in
      let model = folder.appending(path: "model")
      try bundle.write(to: model)
      try bundle.write(to: model)
      let notes = model.appending(path: "notes.txt")
      try Data("mine".utf8).write(to: notes)
      let error = #expect(throws: ModelError.self) { try bundle.write(to: model) }
      #expect(error.map { "\($0)".contains("notes.txt") } == true)
      let kept = try String(contentsOf: notes, encoding: .utf8)
      #expect(kept == "mine")
    }
  }

  @Test func shapesAndTokensThatDoNotFitTheModelAreErrors() throws {
    let bundle = try bundle()
    let logMel = Tensor(zeros: [1, 101, 16])
    let step = TrainingStep(bundle.model)
    let optimizer = AdamW(bundle.model)
    for wrong in [
      Tensor(zeros: [101, 16]), Tensor(zeros: [1, 100, 16]), Tensor(zeros: [1, 101, 8]),
    ] {
      let error = #expect(throws: ModelError.self) { _ = try bundle.encoderOutput(wrong) }
      #expect(error.map { "\($0)".contains("expected [batch, 101, 16]") } == true)
      #expect(throws: ModelError.self) { _ = try bundle.tagScores(wrong) }
    }
    for captions in [[[0, 300, 2]], [[0, -1]], [[Int](repeating: 5, count: 131)]] {
      let batch = Batch(logMel: logMel, captions: captions)
      #expect(throws: ModelError.self) {
        _ = try step(0, on: [batch], optimizer, learningRate: 1e-3)
      }
    }
    let silent = Track(samples: [], captions: ["A tone."])
    try withFolder { folder in
      #expect(throws: DataError.self) {
        _ = try Trainer(RunConfiguration(), tracks: [silent], output: folder.appending(path: "run"))
      }
    }
  }

  @Test func whatFoundationPrintsOfAnErrorIsItsDescription() {
    let error = #expect(throws: AudioError.self) {
      _ = try AudioClip(Data("no sound".utf8), name: "upload")
    }
    #expect(error?.localizedDescription == error.map { "\($0)" })
    let problem = OptionError("width", found: "0", expected: "1 or more")
    #expect(problem.localizedDescription == "width: found 0; expected 1 or more")
  }

  @Test func aLayerAndItsOptimizerAreSavedAndRestored() throws {
    let bundle = try bundle()
    try withFolder { folder in
      let file = folder.appending(path: "layer.safetensors")
      try bundle.model.namedTensors.write(to: file)
      let back = try CheckpointFile.read(file)
      #expect(back["bart.model.shared.weight"]?.shape == [bundle.tokenizer.vocabularySize, 16])
      let optimizer = AdamW(bundle.model)
      try AdamW(bundle.model).restore(optimizer.state)
    }
  }
}
