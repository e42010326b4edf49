import Foundation
// Not `@testable`: what the documentation shows has to work for a user of the library.
import MusicCaptioner
import Testing

/// The code in the documentation, compiled here and run.
///
/// Each Swift block of the pages below has to stand in this file, word for word but for its
/// indentation and its imports.
@Suite struct DocumentationTests {
  static let pages = ["Docs/Library.md", "README.md"]

  @Test(arguments: pages) func swiftBlocksAreCompiledHere(page: String) throws {
    let text = try String(contentsOf: Checkout.url(page), encoding: .utf8)
    let source = try String(
      contentsOf: Checkout.url("Tests/MusicCaptionerTests/DocumentationTests.swift"),
      encoding: .utf8)
    let compiled = Self.lines(source)
    let blocks = Self.swiftBlocks(text)
    #expect(!blocks.isEmpty, "\(page) shows no Swift")
    for block in blocks where !block.contains(".package(") {
      let lines = Self.lines(block).filter { !$0.hasPrefix("import ") }
      #expect(lines.count <= 10, "\(page): an example is to stay short:\n\(block)")
      #expect(
        compiled.indices.contains { compiled[$0...].starts(with: lines) },
        "\(page) shows what DocumentationTests does not compile:\n\(block)")
    }
  }

  private static func swiftBlocks(_ text: String) -> [String] {
    text.components(separatedBy: "```swift\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
  }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

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
    try withTemporaryFolder { folder in
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

  // MARK: Links

  /// A link to a file that isn't there is a promise that isn't kept.
  @Test func linksBetweenPagesLeadSomewhere() throws {
    let docs = try FileManager.default.contentsOfDirectory(atPath: Checkout.url("Docs").path)
    let pages =
      ["README.md", "CONTRIBUTING.md"] + docs.filter { $0.hasSuffix(".md") }.map { "Docs/\($0)" }
    for page in pages {
      let url = Checkout.url(page)
      let text = try String(contentsOf: url, encoding: .utf8)
      for part in text.components(separatedBy: "](").dropFirst() {
        let target = String(part.prefix { $0 != ")" && $0 != "#" })
        if target.isEmpty || target.contains("://") { continue }
        let file = url.deletingLastPathComponent().appending(path: target)
        #expect(FileManager.default.fileExists(atPath: file.path), "\(page): \(target)")
      }
    }
  }

  @Test func everyKeyOfAConfigurationIsExplained() throws {
    var configuration = RunConfiguration()
    configuration.data.train = [DatasetOptions()]
    configuration.synthesizedMusic = SynthesizedMusicOptions()
    let page = try String(contentsOf: Checkout.url("Docs/Training.md"), encoding: .utf8)
    let yaml = try ConfigurationFile<RunConfiguration>.yaml(configuration)
    let keys = Self.lines(yaml).compactMap { line -> String? in
      let entry = line.hasPrefix("- ") ? line.dropFirst(2) : line[...]
      return entry.contains(":") ? String(entry.prefix { $0 != ":" }) : nil
    }
    #expect(keys.count > 80 && keys.contains("manifest"))
    for key in keys { #expect(page.contains("`\(key)`") || page.contains("data.\(key)"), "\(key)") }
  }

  @Test func continuousIntegrationRunsTheCommandThatTheReadmeNames() throws {
    let script = Self.lines(
      try String(contentsOf: Checkout.url(".ci/run"), encoding: .utf8))
    let readme = Self.lines(try String(contentsOf: Checkout.url("README.md"), encoding: .utf8))
    #expect(script.suffix(2) == ["Scripts/install-packages", "swift test --no-parallel"])
    #expect(readme.contains("Scripts/install-packages && swift test --no-parallel"))
  }

  /// One list, in one place; the page on dependencies says what each package is for.
  @Test func packagesAreListedOnceAndExplained() throws {
    let page = try String(contentsOf: Checkout.url("Docs/DEPENDENCIES.md"), encoding: .utf8)
    let script = try String(contentsOf: Checkout.url("Scripts/install-packages"), encoding: .utf8)
    let packages = Self.lines(script).filter { $0.hasPrefix("needed=") || $0.hasPrefix("helpful=") }
      .flatMap { $0.split(separator: "\"")[1].split(separator: " ") }
    #expect(packages.count == 8)
    for package in packages { #expect(page.contains("`\(package)`"), "\(package)") }
    for name in ["README.md", "CONTRIBUTING.md", ".ci/run"] {
      let text = try String(contentsOf: Checkout.url(name), encoding: .utf8)
      #expect(text.contains("Scripts/install-packages") && !text.contains("libopenblas"), "\(name)")
      #expect(!text.contains("sudo apt-get"), "\(name)")
    }
  }
}
