import Foundation

@testable import MusicCaptioner

/// What `Fixtures/tiny-bert/make.py` wrote: our sentences through Hugging Face's `tokenizers` and a
/// tiny random BERT.
struct BERTFixture: Decodable {
  /// One way of normalizing, as `tokenizer.json` says it, and the ids that it makes of all texts.
  struct Variant: Decodable {
    let normalizer: String
    let ids: [[Int]]
  }
  struct Text: Decodable {
    let text: String
    let ids: [Int]
  }
  struct Probe: Decodable {
    let text: String
    let ids: [Int]
    /// By layer, from the embeddings on, and by token.
    let layers: [[[Double]]]
  }

  let texts: [String]
  let variants: [Variant]
  /// Prediction and reference.
  let pairs: [[String]]
  /// Precision, recall and F1 of each pair, by the layer.
  let scores: [String: [[Double]]]
  let truncated: Text
  let probe: Probe

  static let folder = Fixtures.url("tiny-bert")

  static func load() throws -> BERTFixture {
    let data = try Data(contentsOf: folder.appending(path: "golden.json"))
    return try JSONDecoder().decode(BERTFixture.self, from: data)
  }

  /// A copy of the folder in which `change` was applied to the text of the file `name`.
  static func withChanged<Result>(
    _ name: String, _ change: (String) -> String, _ body: (URL) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      for file in ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"] {
        try FileManager.default.copyItem(
          at: Self.folder.appending(path: file), to: folder.appending(path: file))
      }
      let url = folder.appending(path: name)
      let text = try String(contentsOf: url, encoding: .utf8)
      try Data(change(text).utf8).write(to: url)
      return try body(folder)
    }
  }
}
