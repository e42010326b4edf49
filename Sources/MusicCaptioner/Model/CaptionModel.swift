import Foundation

/// The whole network: ten seconds of log-mel in, the next token's scores out.
public struct CaptionModel: Layer {
  public let configuration: ModelConfiguration
  /// Mel bands and frames of its input.
  let melCount, frameCount: Int
  let frontEnd: ConvolutionFrontEnd
  let embedding: Embedding  // shared by decoder input and output
  let encoder: TransformerEncoder
  let decoder: TransformerDecoder
  let finalLogitsBias: Parameter  // [1, vocabulary], a constant kept with the model
  let tagHead: Linear?  // the mean over time of encoder or front end → tags
  let summaryTagHead: Linear?  // the clip summary → tags

  /// A model whose parameters have no values yet: initialize or load them.
  ///
  /// - Parameters:
  ///   - melCount: Mel bands of its input.
  ///   - frameCount: Frames of its input.
  init(_ configuration: ModelConfiguration, melCount: Int = 128, frameCount: Int = 1_001) {
    self.configuration = configuration
    self.melCount = melCount
    self.frameCount = frameCount
    frontEnd = ConvolutionFrontEnd(configuration, melCount: melCount, frameCount: frameCount)
    embedding = Embedding(
      classCount: configuration.vocabularySize, width: configuration.width,
      std: configuration.initialStd, paddingIndex: configuration.paddingTokenID)
    encoder = TransformerEncoder(configuration)
    decoder = TransformerDecoder(configuration)
    finalLogitsBias = Parameter(
      [1, configuration.vocabularySize], .constant(0), isTrained: false)
    func head(_ exists: Bool) -> Linear? {
      guard exists, configuration.tagCount > 0 else { return nil }
      return Linear(
        from: configuration.width, to: configuration.tagCount,
        std: configuration.initialStd)
    }
    tagHead = head(true)
    summaryTagHead = head(configuration.summarizesClip)
  }

  /// Clips encoded for the decoder.
  struct Memory {
    let rows: Variable  // [clips · positions, model]
    let layout: SequenceLayout

    /// Some of the clips, one at least, as constants.
    func clips(_ range: Range<Int>) -> Memory {
      let taken = layout[range.lowerBound].lowerBound..<layout[range.upperBound - 1].upperBound
      return Memory(
        rows: Variable(rows.value.rows(taken)),
        layout: SequenceLayout(lengths: range.map { layout[$0].count }))
    }
  }

  /// - Parameter logMel: `[batch, frames, mels]`
  func encode(_ logMel: Tensor, in pass: ForwardPass) -> Memory {
    encode(frontEnd(logMel, in: pass), clipCount: logMel.shape[0], in: pass)
  }

  /// - Parameter inputs: The front end's output for the clips.
  func encode(
    _ inputs: ConvolutionFrontEnd.Output, clipCount: Int, in pass: ForwardPass
  ) -> Memory {
    let layout = SequenceLayout(
      count: clipCount, length: inputs.positions.value.rowCount / max(1, clipCount))
    return Memory(
      rows: encoder(inputs.positions, layout: layout, in: pass), layout: layout)
  }

  /// The decoder's outputs for whole captions (teacher forcing), before the vocabulary.
  ///
  /// - Parameter captions: Each caption's tokens with start and end; the n-th is predicted from
  ///   the decoder's start token and those before it.
  /// - Returns: `[targets, model]`, and the target of each row.
  func hiddenStates(
    _ captions: [[Int]], memory: Memory, in pass: ForwardPass
  ) -> (rows: Variable, targets: [Int]) {
    precondition(captions.count == memory.layout.count, "one caption for each clip")
    let inputs = captions.map { [configuration.decoderStartTokenID] + $0.dropLast() }
    let rows = decoder(
      inputs.flatMap { $0 }, layout: SequenceLayout(lengths: inputs.map(\.count)),
      embedding: embedding, memory: memory.rows, memoryLayout: memory.layout, in: pass)
    return (rows, captions.flatMap { $0 })
  }

  /// The cross-entropy summed over all target tokens (section 4.1 of the paper), with label smoothing as
  /// PyTorch defines it.
  func captionLoss(
    _ captions: [[Int]], memory: Memory, labelSmoothing: Float, in pass: ForwardPass
  ) -> Variable {
    let (rows, targets) = hiddenStates(captions, memory: memory, in: pass)
    return vocabularyLoss(
      hidden: rows, table: pass(embedding.weight), bias: finalLogitsBias.value,
      targets: targets, labelSmoothing: labelSmoothing, precision: pass.precision)
  }

  /// Scores of all tags: `[clips, tags]`, or `nil` without a head.
  ///
  /// - Parameter memory: The encoded clips; needed where tags are predicted from the encoder's output.
  func tagLogits(
    _ inputs: ConvolutionFrontEnd.Output, memory: Memory?, clipCount: Int, in pass: ForwardPass
  ) -> Variable? {
    guard let tagHead else { return nil }
    let rows = configuration.tagSource == .encoder ? memory?.rows : inputs.convolved
    guard let rows else { return nil }
    let layout = SequenceLayout(
      count: clipCount, length: rows.value.rowCount / max(1, clipCount))
    let mean = Dropout(configuration.dropout)(meanOverTime(rows, layout: layout), in: pass)
    let logits = tagHead(mean, in: pass)
    guard let summaryTagHead, let summary = inputs.summary else { return logits }
    return add(logits, summaryTagHead(summary, in: pass))
  }

  /// How likely each tag is, from 0 to 1: `[clips, tags]`, or `nil` without a head.
  ///
  /// - Parameter memory: As for ``tagLogits(_:memory:clipCount:in:)``.
  func tagScores(
    _ inputs: ConvolutionFrontEnd.Output, memory: Memory?, clipCount: Int, in pass: ForwardPass
  ) -> Tensor? {
    tagLogits(inputs, memory: memory, clipCount: clipCount, in: pass).map { logits in
      Tensor(logits.value.shape, logits.value.values.map { 1 / (1 + exp(-$0)) })
    }
  }

  /// The scores of all tokens: `[rows, model]` → `[rows, vocabulary]`.
  func logits(_ hidden: Tensor, in pass: ForwardPass) -> Tensor {
    Linear(weight: embedding.weight, bias: finalLogitsBias)(Variable(hidden), in: pass).value
  }

  /// The number of trained parameters.
  public var parameterCount: Int {
    namedParameters.lazy.filter(\.parameter.isTrained)
      .reduce(0) { $0 + $1.parameter.shape.elementCount }
  }

  public func visitParameters(_ visit: ParameterVisitor) {
    visit("audio_encoder", frontEnd)
    visit("bart.final_logits_bias", finalLogitsBias)
    visit("bart.model.shared", embedding)
    visit("bart.model.encoder", encoder)
    visit("bart.model.decoder", decoder)
    if let tagHead { visit("tag_head", tagHead) }
    if let summaryTagHead { visit("summary_tag_head", summaryTagHead) }
  }
}
