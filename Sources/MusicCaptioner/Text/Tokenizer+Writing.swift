import Foundation

extension Tokenizer {
  /// Writes a Hugging Face `tokenizer.json` that any version of `tokenizers` reads.
  ///
  /// The file is written under a temporary name and renamed, so `url` never holds half of one.
  ///
  /// - Parameter url: The file, or an existing folder, which gets a `tokenizer.json`.
  /// - Throws: ``TokenizerError`` if the file can't be written.
  public func write(to url: URL) throws(TokenizerError) {
    let file = Folders.exists(url.path) ? url.appending(path: "tokenizer.json") : url
    do throws(FileError) {
      try AtomicFile.write(jsonBytes(), to: file)
    } catch {
      throw TokenizerError(error)
    }
  }

  /// The file's text. Merges are written as `"a b"`, which old and new versions read.
  func jsonBytes() -> [UInt8] {
    let start = Self.quoted(definition.startToken)
    let end = Self.quoted(definition.endToken)
    let unknown = definition.unknownToken.map(Self.quoted) ?? "null"
    let added = definition.addedTokens.sorted { $0.id < $1.id }.map(Self.json)
    let vocabulary = definition.tokens.enumerated().map { id, text in
      "      \(Self.quoted(text)): \(id)"
    }
    let merges = definition.merges.map { merge in
      "      \(Self.quoted(merge.left + [UInt8(ascii: " ")] + merge.right))"
    }
    let text = """
      {
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [
      \(added.joined(separator: ",\n"))
        ],
        "normalizer": null,
        "pre_tokenizer": {
          "type": "ByteLevel",
          "add_prefix_space": \(definition.addsPrefixSpace),
          "trim_offsets": true,
          "use_regex": true
        },
        "post_processor": {
          "type": "RobertaProcessing",
          "sep": [\(end), \(endToken)],
          "cls": [\(start), \(startToken)],
          "trim_offsets": true,
          "add_prefix_space": \(definition.addsPrefixSpace)
        },
        "decoder": {
          "type": "ByteLevel",
          "add_prefix_space": true,
          "trim_offsets": true,
          "use_regex": true
        },
        "model": {
          "type": "BPE",
          "dropout": null,
          "unk_token": \(unknown),
          "continuing_subword_prefix": "",
          "end_of_word_suffix": "",
          "fuse_unk": \(definition.fusesUnknown),
          "byte_fallback": false,
          "ignore_merges": \(definition.ignoresMerges),
          "vocab": {
      \(vocabulary.joined(separator: ",\n"))
          },
          "merges": [
      \(merges.joined(separator: ",\n"))
          ]
        }
      }

      """
    return Array(text.utf8)
  }

  private static func json(_ token: AddedToken) -> String {
    """
        {
          "id": \(token.id),
          "content": \(quoted(token.content)),
          "single_word": \(token.isSingleWord),
          "lstrip": \(token.stripsLeft),
          "rstrip": \(token.stripsRight),
          "normalized": \(token.isNormalized),
          "special": \(token.isSpecial)
        }
    """
  }

  private static func quoted(_ text: [UInt8]) -> String {
    QuotedText.quoted(String(decoding: text, as: UTF8.self))
  }
}
