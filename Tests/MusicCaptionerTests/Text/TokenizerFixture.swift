import Foundation

@testable import MusicCaptioner

/// What `Fixtures/tokenizer/make_tokenizer_fixture.py` wrote: our sentences through Hugging Face's
/// `tokenizers`.
struct TokenizerFixture: Decodable {
  struct Learned: Decodable {
    let size: Int
    let minimumFrequency: Int
    let tokens: [String]
    let merges: [[String]]
  }
  struct Encoded: Decodable {
    let text: String
    let ids: [Int]

    init(from decoder: any Swift.Decoder) throws {
      var values = try decoder.unkeyedContainer()
      text = try values.decode(String.self)
      ids = try values.decode([Int].self)
    }
  }
  struct Decoded: Decodable {
    let ids: [Int]
    let text: String
    let textWithSpecialTokens: String

    init(from decoder: any Swift.Decoder) throws {
      var values = try decoder.unkeyedContainer()
      ids = try values.decode([Int].self)
      text = try values.decode(String.self)
      textWithSpecialTokens = try values.decode(String.self)
    }
  }

  let captions: [String]
  let encode: [Encoded]
  let decode: [Decoded]
  let learned: [Learned]

  /// The golden files are Python's, and so are their names.
  static func goldenDecoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  static let folder = Fixtures.url("tokenizer")

  static func load() throws -> TokenizerFixture {
    let data = try Data(contentsOf: folder.appending(path: "golden.json"))
    return try goldenDecoder().decode(TokenizerFixture.self, from: data)
  }
}

/// The two ways in which a tokenizer lies on disk.
enum TokenizerFiles: CaseIterable {
  case tokenizerJSON, vocabularyAndMerges

  /// Reads the tokenizer of `folder` in this way only.
  func load(from folder: URL) throws -> Tokenizer {
    switch self {
    case .tokenizerJSON: return try Tokenizer(contentsOf: folder.appending(path: "tokenizer.json"))
    case .vocabularyAndMerges:
      return try withTemporaryFolder { copy in
        for name in ["vocab.json", "merges.txt"] {
          try FileManager.default.copyItem(
            at: folder.appending(path: name), to: copy.appending(path: name))
        }
        return try Tokenizer(contentsOf: copy)
      }
    }
  }
}

/// Equality of texts scalar by scalar; Swift's `==` takes é for e + ◌́.
func isIdenticalText(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

extension Tokenizer {
  /// The tokens of `text` without the start and the end.
  func bareTokens(_ text: String) -> [Int] { Array(encode(text).dropFirst().dropLast()) }
}
