/// The encoder of BERT and RoBERTa up to a given layer, like Hugging Face's `BertModel` and
/// `RobertaModel`.
struct BERTEncoder: Layer {
  let words: Embedding
  let positions: Embedding
  let types: Embedding
  let norm: LayerNorm
  let layers: [BERTLayer]
  private let family: BERTConfiguration.Family
  private let firstPosition: Int

  /// - Parameter layerCount: Later layers are left out.
  init(_ configuration: BERTConfiguration, layerCount: Int) {
    let width = configuration.width
    func table(_ count: Int) -> Embedding {
      Embedding(classCount: count, width: width, std: 0.02)
    }
    words = table(configuration.vocabularySize)
    positions = table(configuration.positionCount)
    types = table(configuration.typeCount)
    norm = LayerNorm(width: width, epsilon: configuration.epsilon)
    layers = (0..<layerCount).map { _ in BERTLayer(configuration) }
    family = configuration.family
    firstPosition = configuration.firstPosition
  }

  /// - Parameter texts: The tokens of each text, including start and end.
  /// - Returns: `[rows, model]`, the texts' tokens one after another.
  func callAsFunction(_ texts: [[Int]]) -> Tensor {
    let pass = ForwardPass.inference
    let layout = SequenceLayout(lengths: texts.map(\.count))
    let places = texts.flatMap { text in text.indices.map { $0 + firstPosition } }
    var x = add(words(texts.flatMap(\.self), in: pass), positions(places, in: pass))
    x = add(x, types([Int](repeating: 0, count: layout.rowCount), in: pass))
    x = norm(x, in: pass)
    for layer in layers { x = layer(x, layout: layout, in: pass) }
    return x.value
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("embeddings.word_embeddings", words)
    visit("embeddings.position_embeddings", positions)
    visit("embeddings.token_type_embeddings", types)
    visit("embeddings.LayerNorm", norm)
    visit("encoder.layer", layers)
  }

  /// Loads the weights from a checkpoint, whose names may have a prefix: the family's, `bert.` or `roberta.`,
  /// or another where it is the only one. Anything else in it (later layers, the pooler, heads) is ignored.
  ///
  /// - Throws: `CheckpointError` listing everything that is missing or has another shape.
  func load(_ tensors: NamedTensors) throws(CheckpointError) {
    let familyPrefix = family.rawValue + "."
    let prefix =
      tensors.names.contains { $0.hasPrefix(familyPrefix) }
      ? familyPrefix : try tensors.prefix(before: "embeddings.word_embeddings.weight")
    let parameters = namedParameters.map { named in
      (name: Self.storedName(prefix + named.name, in: tensors), parameter: named.parameter)
    }
    try tensors.check(
      parameters.map { ($0.name, $0.parameter.shape) }, allowingUnexpected: { _ in true })
    for (name, parameter) in parameters {
      parameter.value = try tensors.tensor(name, shape: parameter.shape)
    }
  }

  /// The first BERTs, such as bert-base-uncased, keep TensorFlow's names for a norm's parameters.
  private static func storedName(_ name: String, in tensors: NamedTensors) -> String {
    for (ending, older) in [("Norm.weight", "Norm.gamma"), ("Norm.bias", "Norm.beta")]
    where name.hasSuffix(ending) {
      let olderName = String(name.dropLast(ending.count)) + older
      if tensors[name] == nil, tensors[olderName] != nil { return olderName }
    }
    return name
  }
}

/// Self-attention and a feed-forward network, each with a residual connection and LayerNorm after
/// it.
struct BERTLayer: Layer {
  let attention: MultiHeadAttention
  let attentionNorm: LayerNorm
  let feedForward: FeedForward
  let outputNorm: LayerNorm

  init(_ configuration: BERTConfiguration) {
    let width = configuration.width
    attention = MultiHeadAttention(
      width: width, headCount: configuration.headCount, dropout: 0, std: 0.02)
    attentionNorm = LayerNorm(width: width, epsilon: configuration.epsilon)
    feedForward = FeedForward(
      width: width, innerWidth: configuration.innerWidth, dropout: 0, std: 0.02)
    outputNorm = LayerNorm(width: width, epsilon: configuration.epsilon)
  }

  func callAsFunction(
    _ x: Variable, layout: SequenceLayout, in pass: ForwardPass
  ) -> Variable {  // [rows, model] → same
    let attended = attention(x, layout: layout, memory: x, memoryLayout: layout, in: pass)
    let x = attentionNorm(add(x, attended), in: pass)
    return outputNorm(add(x, feedForward(x, in: pass)), in: pass)
  }

  func visitParameters(_ visit: ParameterVisitor) {
    visit("attention.self.query", attention.query)
    visit("attention.self.key", attention.key)
    visit("attention.self.value", attention.value)
    visit("attention.output.dense", attention.output)
    visit("attention.output.LayerNorm", attentionNorm)
    visit("intermediate.dense", feedForward.expand)
    visit("output.dense", feedForward.contract)
    visit("output.LayerNorm", outputNorm)
  }
}
