import Foundation

/// BERTScore (Zhang et al. 2020) as bert_score 0.3.13 computes it, without rescaling.
///
/// The official results use roberta-large, layer 17.
package struct BERTScore: Sendable {
  /// How well a prediction's tokens match the reference's (precision), the reverse (recall), and
  /// F1.
  package struct Score: Sendable, Equatable {
    package var precision = 0.0
    package var recall = 0.0
    package var f1 = 0.0
  }

  let encoder: BERTEncoder
  /// Whether a token counts the more, the fewer references have it (bert_score's `idf`).
  private let weighsTokens: Bool
  private let tokenizer: any SubwordTokenizer
  private let longestText: Int

  /// Loads a Hugging Face folder of a RoBERTa or BERT: `config.json`, `model.safetensors` (or
  /// `pytorch_model.bin`), `tokenizer.json` (RoBERTa: or `vocab.json` and `merges.txt`), and
  /// `tokenizer_config.json` if present.
  ///
  /// - Parameters:
  ///   - layer: The layer whose outputs are compared; by default, the one that bert_score recommends
  ///     for a model of that family with this number of layers.
  ///   - weighsTokens: Whether a token counts the more, the fewer references have it.
  /// - Throws: `EvaluationError`, `CheckpointError` or `TokenizerError`; `OptionError` for a layer
  ///   that the model doesn't have.
  package init(folder: URL, layer: Int? = nil, weighsTokens: Bool = false) throws {
    self.weighsTokens = weighsTokens
    do throws(FileError) {
      _ = try Folders.names(in: folder.path)
    } catch {
      throw EvaluationError(error.expecting("a Hugging Face model's folder"))
    }
    let configuration = try BERTConfiguration(
      contentsOf: folder.appending(path: "config.json"))
    encoder = BERTEncoder(
      configuration, layerCount: try Self.checkedLayer(layer, of: configuration))
    switch configuration.family {
    case .bert: tokenizer = try WordPieceTokenizer(contentsOf: folder)
    case .roberta: tokenizer = try Tokenizer(contentsOf: folder)
    }
    guard tokenizer.vocabularySize <= configuration.vocabularySize else {
      throw EvaluationError(
        .unsupported(
          field: "vocab_size", found: "\(configuration.vocabularySize)",
          expected: "the tokenizer's \(tokenizer.vocabularySize) or more"),
        file: folder.path)
    }
    longestText = min(configuration.longestText, try Self.longestText(of: folder) ?? .max)
    let weights =
      try CheckpointFile.weights(in: folder) ?? folder.appending(path: "model.safetensors")
    try encoder.load(CheckpointFile.read(weights))
  }

  private static func checkedLayer(
    _ layer: Int?, of configuration: BERTConfiguration
  ) throws(OptionError) -> Int {
    guard let layer = layer ?? configuration.recommendedLayer,
      (0...configuration.layerCount).contains(layer)
    else {
      throw OptionError(
        "layer", found: layer.map(String.init) ?? "nothing",
        expected: "a number from 0 to \(configuration.layerCount)")
    }
    return layer
  }

  /// The limit in `tokenizer_config.json`; files without a limit have 10³⁰.
  private static func longestText(of folder: URL) throws(EvaluationError) -> Int? {
    let url = folder.appending(path: "tokenizer_config.json")
    guard PathName.exists(url.path) else { return nil }
    return try ModelJSON(contentsOf: url, expected: "a tokenizer's configuration")
      .optionalInteger("model_max_length")
  }

  /// The tokens of a text, including start and end; nil for an empty text.
  func tokens(of text: String) -> [Int]? {
    let text = Scalars(text).trimmed
    guard !text.isEmpty else { return nil }
    // bert_score has RoBERTa's tokenizer add a leading space; BERT's drops it.
    return tokenizer.framedTokens(
      of: " " + String(String.UnicodeScalarView(text)), maximumLength: longestText)
  }

  /// The number of pairs whose texts go through the encoder together.
  private static let batchSize = 16

  /// The scores of each pair; each of the three scores is that of the best reference.
  ///
  /// - Parameter progress: Called now and then with the number of pairs done.
  package func scores(
    _ pairs: [CaptionPair], progress: (Int) -> Void = { _ in }
  ) -> [Score] {
    let weights =
      weighsTokens
      ? TokenWeights(
        pairs.lazy.flatMap(\.references).map {
          tokens(of: $0) ?? [tokenizer.startToken, tokenizer.endToken]
        }) : nil
    var scores: [Score] = []
    scores.reserveCapacity(pairs.count)
    while scores.count < pairs.count {
      let batch = pairs[scores.count..<min(scores.count + Self.batchSize, pairs.count)]
      scores += self.scores(ofBatch: batch, weights)
      progress(scores.count)
    }
    return scores
  }

  private func scores(
    ofBatch pairs: ArraySlice<CaptionPair>, _ weights: TokenWeights?
  ) -> [Score] {
    var texts: [[Int]] = []
    /// The index of a text's tokens in `texts`.
    func place(_ text: String) -> Int? {
      guard let tokens = tokens(of: text) else { return nil }
      texts.append(tokens)
      return texts.count - 1
    }
    let places = pairs.map { pair in (place(pair.prediction), pair.references.map(place)) }
    guard !texts.isEmpty else { return places.map { _ in Score() } }
    let layout = SequenceLayout(lengths: texts.map(\.count))
    let vectors = Self.unitRows(encoder(texts))
    return places.map { prediction, references in
      guard let prediction else { return Score() }
      return references.compactMap(\.self).reduce(into: Score()) { best, reference in
        let score = score(
          vectors.rows(layout[prediction]), of: texts[prediction],
          vectors.rows(layout[reference]), of: texts[reference], weights)
        best.precision = max(best.precision, score.precision)
        best.recall = max(best.recall, score.recall)
        best.f1 = max(best.f1, score.f1)
      }
    }
  }

  /// Each row scaled to length 1.
  private static func unitRows(_ x: Tensor) -> Tensor {
    var rows = x
    let width = x.width
    rows.withUnsafeMutableBufferPointer { elements in
      for start in stride(from: 0, to: elements.count, by: max(1, width)) {
        let row = start..<start + width
        let length = row.reduce(Float(0)) { $0 + elements[$1] * elements[$1] }.squareRoot()
        guard length > 0 else { continue }
        for index in row { elements[index] /= length }
      }
    }
    return rows
  }

  /// - Parameters:
  ///   - prediction: `[prediction tokens, model]`, rows of length 1
  ///   - reference: `[reference tokens, model]`, likewise
  private func score(
    _ prediction: Tensor, of predictionTokens: [Int],
    _ reference: Tensor, of referenceTokens: [Int], _ weights: TokenWeights?
  ) -> Score {
    let (rowCount, columnCount) = (prediction.rowCount, reference.rowCount)
    guard rowCount > 2, columnCount > 2 else { return Score() }
    let similarity = product(prediction, reference, transposing: .right)
    var bestOfRows = [Float](repeating: -1, count: rowCount)
    var bestOfColumns = [Float](repeating: -1, count: columnCount)
    similarity.withUnsafeBufferPointer { elements in
      for row in 0..<rowCount {
        for column in 0..<columnCount {
          let value = elements[row * columnCount + column]
          bestOfRows[row] = max(bestOfRows[row], value)
          bestOfColumns[column] = max(bestOfColumns[column], value)
        }
      }
    }
    // Start and end tokens can be matched by others but don't need a match themselves. The same
    // goes for special tokens spelled out in a text.
    func mean(_ best: [Float], of tokens: [Int]) -> Double {
      let counted = zip(best, tokens).map { best, token in
        let isSpecial = token == tokenizer.startToken || token == tokenizer.endToken
        return (best: Double(best), weight: weights?[token] ?? (isSpecial ? 0 : 1))
      }
      let sum = counted.reduce(0) { $0 + $1.weight }
      return sum > 0 ? counted.reduce(0) { $0 + $1.best * $1.weight } / sum : 0
    }
    let precision = mean(bestOfRows, of: predictionTokens)
    let recall = mean(bestOfColumns, of: referenceTokens)
    let sum = precision + recall
    return Score(
      precision: precision, recall: recall, f1: sum == 0 ? 0 : 2 * precision * recall / sum)
  }
}

/// The weights of tokens by how few references have them: ln((N + 1) / (n + 1)) for N references, n
/// of which have the token. Start and end are in all of them and weigh nothing.
private struct TokenWeights {
  private var counts: [Int: Int] = [:]
  private var textCount = 0

  /// - Parameter texts: The tokens of each reference, including start and end.
  init(_ texts: some Sequence<[Int]>) {
    for tokens in texts {
      textCount += 1
      for token in Set(tokens) { counts[token, default: 0] += 1 }
    }
  }

  subscript(token: Int) -> Double {
    log(Double(textCount + 1) / Double((counts[token] ?? 0) + 1))
  }
}
