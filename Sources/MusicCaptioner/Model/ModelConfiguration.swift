/// The sizes and switches of a caption model, under the names that Hugging Face's `BartConfig` gives
/// them; the defaults are those of facebook/bart-base, which the official model has.
public struct ModelConfiguration: Options {
  /// Token classes.
  public var vocabularySize = 50_265
  /// The longest sequence of tokens, and of encoder positions.
  public var maximumPositionCount = 1_024
  /// The width of the transformer and of the convolutions in front of it.
  public var width = 768
  public var encoderLayerCount = 6
  public var decoderLayerCount = 6
  public var encoderHeadCount = 12
  public var decoderHeadCount = 12
  public var encoderInnerWidth = 3_072
  public var decoderInnerWidth = 3_072
  /// The stride over time of each width-3 convolution. Together they shrink 1,001 frames to 32.
  public var convolutionStrides = [1, 2, 2, 2, 2, 2]
  /// The channels of each convolution but the last, which has `width`; if empty, all have `width`.
  public var convolutionWidths: [Int] = []
  /// Whether the mean and the standard deviation over a clip's time make one more encoder position. The
  /// official model has none.
  public var summarizesClip = false
  /// Dropout of the statistics behind that position.
  public var summaryDropout: Float = 0.3
  /// Dropout of embeddings and of each sub-layer's output.
  public var dropout: Float = 0.1
  /// Dropout of attention weights.
  public var attentionDropout: Float = 0.1
  /// Dropout after the feed-forward's GELU.
  public var activationDropout: Float = 0.1
  /// Whether a fixed linear map, measured on training clips, makes the mel bands uncorrelated before
  /// the first convolution. The official model has none.
  public var whitensInput = false
  /// Standard deviation of the first weights.
  public var initialStd: Float = 0.02
  /// LayerNorm before each sub-layer (pre-norm, with one more at the end) instead of after it.
  public var normalizesBefore = false
  /// LayerNorm after the embeddings.
  public var normalizesEmbedding = true
  /// Embeddings times √width.
  public var scalesEmbedding = false
  /// Tags that a head on the encoder predicts; 0 for no head. The official model has none.
  public var tagCount = 0
  /// What the tag head reads.
  public var tagSource = TagSource.encoder
  public var startTokenID = 0
  public var paddingTokenID = 1
  public var endTokenID = 2
  /// The token that decoding begins with.
  public var decoderStartTokenID = 2

  /// The official model.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case vocabularySize = "vocab_size"
    case maximumPositionCount = "max_position_embeddings"
    case width = "d_model"
    case encoderLayerCount = "encoder_layers"
    case decoderLayerCount = "decoder_layers"
    case encoderHeadCount = "encoder_attention_heads"
    case decoderHeadCount = "decoder_attention_heads"
    case encoderInnerWidth = "encoder_ffn_dim"
    case decoderInnerWidth = "decoder_ffn_dim"
    case convolutionStrides = "conv_strides"
    case convolutionWidths = "conv_widths"
    case summarizesClip = "clip_summary"
    case summaryDropout = "summary_dropout"
    case dropout
    case attentionDropout = "attention_dropout"
    case activationDropout = "activation_dropout"
    case whitensInput = "whiten_input"
    case initialStd = "init_std"
    case normalizesBefore = "normalize_before"
    case normalizesEmbedding = "normalize_embedding"
    case scalesEmbedding = "scale_embedding"
    case tagCount = "tag_count"
    case tagSource = "tag_source"
    case startTokenID = "bos_token_id"
    case paddingTokenID = "pad_token_id"
    case endTokenID = "eos_token_id"
    case decoderStartTokenID = "decoder_start_token_id"
  }

  /// The encoder positions of a clip of `frameCount` log-mel frames.
  public func positionCount(frames frameCount: Int) -> Int {
    convolvedCount(frames: frameCount) + (summarizesClip ? 1 : 0)
  }

  /// The positions that the convolutions make of `frameCount` log-mel frames.
  func convolvedCount(frames frameCount: Int) -> Int {
    convolutionStrides.reduce(frameCount) { time, stride in (time - 1) / stride + 1 }
  }

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    func checkSize(_ size: Int, _ key: CodingKeys, atMost limit: Int) {
      checks.check((1...limit).contains(size), key, size, "a number from 1 to \(limit)")
    }
    checkSize(vocabularySize, .vocabularySize, atMost: 1 << 24)
    checkSize(maximumPositionCount, .maximumPositionCount, atMost: 1 << 20)
    checkSize(width, .width, atMost: 1 << 16)
    checkSize(encoderLayerCount, .encoderLayerCount, atMost: 1_000)
    checkSize(decoderLayerCount, .decoderLayerCount, atMost: 1_000)
    checkSize(encoderInnerWidth, .encoderInnerWidth, atMost: 1 << 18)
    checkSize(decoderInnerWidth, .decoderInnerWidth, atMost: 1 << 18)
    for (count, key) in [
      (encoderHeadCount, CodingKeys.encoderHeadCount), (decoderHeadCount, .decoderHeadCount),
    ] {
      checks.check(
        count > 0 && width % max(count, 1) == 0, key, count, "a divisor of d_model (\(width))")
    }
    checks.check(width % 2 == 0, .width, width, "an even number")
    for (probability, key) in [
      (dropout, CodingKeys.dropout), (attentionDropout, .attentionDropout),
      (activationDropout, .activationDropout), (summaryDropout, .summaryDropout),
    ] {
      checks.check(probability >= 0 && probability < 1, key, probability, "a probability below 1")
    }
    checks.check(
      initialStd >= 0 && initialStd.isFinite, .initialStd, initialStd,
      "a number that is not negative")
    checks.check(
      !convolutionStrides.isEmpty && convolutionStrides.allSatisfy { (1...8).contains($0) },
      .convolutionStrides, convolutionStrides, "a list of steps from 1 to 8")
    checks.check(
      convolutionWidths.isEmpty
        || convolutionWidths.count == convolutionStrides.count - 1
          && convolutionWidths.allSatisfy { (1...1 << 16).contains($0) },
      .convolutionWidths, convolutionWidths,
      "nothing, or \(max(0, convolutionStrides.count - 1)) sizes: one for each of conv_strides but "
        + "the last")
    checks.check(tagCount >= 0, .tagCount, tagCount, "0 or more")
    for (token, key) in [
      (startTokenID, CodingKeys.startTokenID), (paddingTokenID, .paddingTokenID),
      (endTokenID, .endTokenID), (decoderStartTokenID, .decoderStartTokenID),
    ] {
      checks.check(
        (0..<max(vocabularySize, 1)).contains(token), key, token,
        "a token below vocab_size (\(vocabularySize))")
    }
    return checks.problems
  }

  func layerOptions(headCount: Int, innerWidth: Int) -> TransformerLayerOptions {
    TransformerLayerOptions(
      width: width, headCount: headCount, innerWidth: innerWidth, dropout: dropout,
      attentionDropout: attentionDropout, activationDropout: activationDropout,
      normalizesBefore: normalizesBefore, std: initialStd)
  }
}

/// Where tags are predicted from, as a mean over time.
public enum TagSource: String, Codable, Sendable, CaseIterable {
  /// The encoder's output.
  case encoder
  /// The convolutions' output.
  case frontEnd = "front_end"
}
