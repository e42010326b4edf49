import Foundation

/// A model with all that it needs to run: audio features and tokenizer. Its parameters have values.
///
/// On disk it is a folder with `config.json`, `model.safetensors` and the tokenizer's files, from which Hugging
/// Face's classes load it too.
public struct ModelBundle: Sendable {
  public let model: CaptionModel
  public let audio: AudioFeatureOptions
  public let tokenizer: Tokenizer
  /// What errors call the file that the settings come from.
  package let source: String
  /// Settings of higher layers that `config.json` keeps, by their keys.
  var extras: [String: JSONValue] = [:]

  /// A new model, whose parameters start as ``Parameter/initialization`` says: to be trained.
  ///
  /// - Parameters:
  ///   - configuration: Sizes; vocabulary size and special tokens are taken from the tokenizer.
  ///   - audio: The features that the model is given.
  ///   - seed: Of the first values.
  /// - Throws: `ModelError` where sizes or audio options can't be used, or don't fit the tokenizer.
  public init(
    untrained configuration: ModelConfiguration, audio: AudioFeatureOptions = AudioFeatureOptions(),
    tokenizer: Tokenizer, seed: UInt64 = 0
  ) throws {
    try self.init(
      withoutValues: configuration.adopting(tokenizer), audio: audio, tokenizer: tokenizer)
    model.initialize(seed: seed)
  }

  /// A model whose parameters have no values yet, checked against its tokenizer.
  ///
  /// - Throws: As ``init(untrained:audio:tokenizer:seed:)``.
  init(
    withoutValues configuration: ModelConfiguration, audio: AudioFeatureOptions,
    tokenizer: Tokenizer, source: String = "model"
  ) throws {
    try Self.check(configuration, audio, tokenizer, source)
    model = CaptionModel(
      configuration, melCount: audio.melCount, frameCount: audio.clipFrames)
    try model.checkMemory(source: source)
    self.audio = audio
    self.tokenizer = tokenizer
    self.source = source
  }

  private static func check(
    _ configuration: ModelConfiguration, _ audio: AudioFeatureOptions, _ tokenizer: Tokenizer,
    _ source: String
  ) throws {
    let problems = configuration.problems + audio.problems.map { $0.within("audio") }
    if let problem = problems.first { throw ModelError(problem, file: source) }
    let positions = configuration.positionCount(frames: audio.clipFrames)
    if positions > configuration.maximumPositionCount {
      throw ModelError(
        OptionError(
          "max_position_embeddings", found: "\(configuration.maximumPositionCount)",
          expected: "at least \(positions), the encoder's positions"),
        file: source)
    }
    if configuration.vocabularySize != tokenizer.vocabularySize {
      throw ModelError(
        .vocabularyMismatch(
          model: configuration.vocabularySize, tokenizer: tokenizer.vocabularySize),
        file: source)
    }
    for (key, model, token) in [
      ("bos_token_id", configuration.startTokenID, tokenizer.startToken),
      ("pad_token_id", configuration.paddingTokenID, tokenizer.paddingToken),
      ("eos_token_id", configuration.endTokenID, tokenizer.endToken),
    ] where model != token {
      throw ModelError(
        .specialTokenMismatch(key: key, model: model, tokenizer: token), file: source)
    }
  }

  // MARK: Reading

  /// Opens a model folder, a `.safetensors`, or a file that `torch.save` wrote, such as an official `.pth`.
  ///
  /// Sizes come from a `config.json` beside the weights; without one, those of facebook/bart-base are assumed
  /// and checked against the shapes. A `config.json` without an `audio` section belongs to an official
  /// checkpoint, which was trained on the power of the spectrum's real part.
  ///
  /// - Parameters:
  ///   - url: The folder or file.
  ///   - tokenizer: A `tokenizer.json`, or a folder with it or with `vocab.json` and `merges.txt`;
  ///     by default what lies beside the weights.
  /// - Throws: `ModelError`, `CheckpointError` or `TokenizerError`.
  public init(contentsOf url: URL, tokenizer: URL? = nil) throws {
    let (weights, folder) = try Self.locate(url)
    // Beside a file of another kind nothing else is to be expected.
    try CheckpointFile.checkKind(of: weights)
    let file = try Self.readConfiguration(folder.appending(path: "config.json"))
    var audio = file.audio ?? AudioFeatureOptions()
    if file.audio == nil { audio.spectrum = .realPart }
    let tokenizer = try Self.readTokenizer(tokenizer, besideWeightsIn: folder, weights)
    try self.init(
      withoutValues: file.model, audio: audio, tokenizer: tokenizer,
      source: file.exists ? folder.appending(path: "config.json").path : weights.path)
    try model.load(CheckpointFile.read(weights))
    extras = file.extras
    try checkTags()
  }

  private static func locate(_ url: URL) throws -> (weights: URL, folder: URL) {
    do throws(FileError) {
      guard try Folders.isFolder(url.path) else { return (url, url.deletingLastPathComponent()) }
    } catch {
      throw ModelError(error.expecting("a model folder, a .safetensors or a .pth file"))
    }
    guard isModelFolder(url) else {
      throw ModelError(.incompleteFolder(missing: FileName.configuration), file: url.path)
    }
    guard let weights = try CheckpointFile.weights(in: url) else {
      throw ModelError(.incompleteFolder(missing: FileName.weights), file: url.path)
    }
    return (weights, url)
  }

  /// Whether a folder is a model's and not, for one, a run's.
  package static func isModelFolder(_ url: URL) -> Bool {
    PathName.exists(url.appending(path: FileName.configuration).path)
  }

  private static func readTokenizer(
    _ given: URL?, besideWeightsIn folder: URL, _ weights: URL
  ) throws -> Tokenizer {
    if let given { return try Tokenizer(contentsOf: given) }
    do {
      return try Tokenizer(contentsOf: folder)
    } catch  where error.reason == .noTokenizer {
      throw ModelError(.noTokenizer, file: weights.path)
    }
  }

  // MARK: config.json

  private enum FileName {
    static let configuration = "config.json"
    static let weights = "model.safetensors"
  }

  /// The files that a model folder must have.
  static let fileNames = [FileName.configuration, FileName.weights, Tokenizer.fileName]

  private struct ConfigurationFile {
    var exists = false
    var model = ModelConfiguration()
    var audio: AudioFeatureOptions?
    var extras: [String: JSONValue] = [:]
  }

  private struct AudioSection: Codable {
    var audio: AudioFeatureOptions?
  }

  private static func readConfiguration(_ url: URL) throws -> ConfigurationFile {
    var file = ConfigurationFile()
    guard PathName.exists(url.path) else { return file }
    file.exists = true
    let json: JSONValue
    do throws(FileError) {
      json = try JSONReader.document(of: url, dialect: .strict)
    } catch {
      throw ModelError(error)
    }
    do throws(ConfigurationError) {
      let tree = ConfigurationNode(json)
      let source = ConfigurationNodeDecoder.Source.json(url.path)
      file.model = try ConfigurationNodeDecoder.decode(ModelConfiguration.self, tree, from: source)
      file.audio = try ConfigurationNodeDecoder.decode(AudioSection.self, tree, from: source).audio
    } catch {
      throw ModelError(error, file: url.path)
    }
    do throws(OptionError) {
      try ConfigurationMember.check(json, file.model)
    } catch {
      throw ModelError(error, file: url.path)
    }
    file.extras = ConfigurationMember.extras(of: json, isOfficial: file.audio == nil)
    return file
  }

  // MARK: Writing

  /// Writes the model folder. Its files are complete when they appear under their names. An earlier model
  /// folder is replaced as a whole.
  ///
  /// - Throws: `FileError`, `CheckpointError` or `TokenizerError` where a file can't be written,
  ///   `ModelError` where the folder has files that aren't a model's.
  public func write(to folder: URL) throws {
    let names = try Folders.namesIfPresent(in: folder.path)
    let foreign = Set(names).subtracting(Self.fileNames + Tokenizer.folderNames)
    if let example = foreign.min() {
      throw ModelError(.foreignFolder(example: example), file: folder.path)
    }
    try AtomicFile.writeFolder(to: folder) { try writeFiles(into: $0) }
  }

  /// Writes the files of a model folder into one that holds others as well.
  func writeFiles(into folder: URL) throws {
    try SafetensorsWriter.write(model.namedTensors, to: folder.appending(path: FileName.weights))
    try tokenizer.writeFolder(folder)
    try AtomicFile.write(
      Array(try configurationJSON().utf8), to: folder.appending(path: FileName.configuration))
  }

  private func configurationJSON() throws -> String {
    var json = ConfigurationMember.fixed(model.configuration)
    let sections = [
      try JSONWriter.value(model.configuration),
      try JSONWriter.value(AudioSection(audio: audio), keys: .convertToSnakeCase),
    ]
    for case .object(let section) in sections { json.merge(section.lastByKey) { $1 } }
    json.merge(extras) { $1 }
    return JSONWriter.text(.object(JSONObject(json.map { ($0, $1) })), .sorted)
  }
}

extension ModelConfiguration {
  /// The same sizes for the vocabulary and special tokens of a tokenizer. As in BART, the decoder starts
  /// with the end token.
  func adopting(_ tokenizer: Tokenizer) -> ModelConfiguration {
    var copy = self
    copy.vocabularySize = tokenizer.vocabularySize
    copy.startTokenID = tokenizer.startToken
    copy.paddingTokenID = tokenizer.paddingToken
    copy.endTokenID = tokenizer.endToken
    copy.decoderStartTokenID = tokenizer.endToken
    return copy
  }
}
