import Foundation

extension Tokenizer {
  /// Writes a Hugging Face `tokenizer.json` that any version of `tokenizers` reads.
  ///
  /// The file is written under a temporary name and renamed, so `url` never holds half of one.
  ///
  /// - Parameter url: The file, or an existing folder, which gets a `tokenizer.json`.
  /// - Throws: ``TokenizerError`` if the file can't be written.
  public func write(to url: URL) throws(TokenizerError) {
    let file = Folders.exists(url.path) ? url.appending(path: Self.fileName) : url
    do throws(FileError) {
      try AtomicFile.write(jsonBytes(), to: file)
    } catch {
      throw TokenizerError(error)
    }
  }

  /// The one file that has all of a tokenizer.
  static let fileName = "tokenizer.json"

  /// What Hugging Face's classes for a whole folder read beside `tokenizer.json`. The first says what the
  /// special tokens are; the others are the vocabulary once more, for `BartTokenizer` of the official code.
  private static let configurationName = "tokenizer_config.json"
  private static let vocabularyName = "vocab.json"
  private static let mergesName = "merges.txt"

  /// The names of all files that `writeFolder` may write.
  static let folderNames = [fileName, configurationName, vocabularyName, mergesName]

  /// Writes the tokenizer into a folder, as Hugging Face's `save_pretrained` does.
  ///
  /// - Throws: ``TokenizerError`` if a file can't be written.
  func writeFolder(_ folder: URL) throws(TokenizerError) {
    var files = [
      (Self.fileName, jsonBytes()), (Self.configurationName, configurationBytes()),
    ]
    if fitsVocabularyFiles {
      files.append((Self.vocabularyName, vocabularyBytes()))
      files.append((Self.mergesName, mergesBytes()))
    }
    do throws(FileError) {
      for (name, bytes) in files { try AtomicFile.write(bytes, to: folder.appending(path: name)) }
    } catch {
      throw TokenizerError(error)
    }
  }

  /// Whether `vocab.json` and `merges.txt` alone describe the tokenizer, as they do BART's own.
  private var fitsVocabularyFiles: Bool {
    let special = [startToken, paddingToken, endToken, unknownToken, maskToken]
    return definition.normalizer.isEmpty && !definition.ignoresMerges
      && definition.addedTokens.allSatisfy { special.contains($0.id) }
  }

  private func configurationBytes() -> [UInt8] {
    func text(_ token: [UInt8]) -> JSONValue { .text(String(decoding: token, as: UTF8.self)) }
    var json: JSONObject = [
      "add_prefix_space": .truth(definition.addsPrefixSpace),
      "bos_token": text(definition.startToken), "cls_token": text(definition.startToken),
      "eos_token": text(definition.endToken), "sep_token": text(definition.endToken),
      "pad_token": text(definition.paddingToken),
      "tokenizer_class": .text(fitsVocabularyFiles ? "BartTokenizer" : "PreTrainedTokenizerFast"),
      // As the official code's version does without being told.
      "clean_up_tokenization_spaces": .truth(true),
    ]
    if let unknownToken { json["unk_token"] = text(definition.tokens[unknownToken]) }
    if maskToken != nil {
      let token = definition.addedTokens.first { $0.content == definition.maskToken }
      json["mask_token"] = .object([
        "__type": .text("AddedToken"), "content": text(definition.maskToken),
        "lstrip": .truth(token?.stripsLeft ?? true), "rstrip": .truth(token?.stripsRight ?? false),
        "single_word": .truth(token?.isSingleWord ?? false),
        "normalized": .truth(token?.isNormalized ?? true),
      ])
    }
    return Array((JSONWriter.text(.object(json), .sorted) + "\n").utf8)
  }

  private func vocabularyBytes() -> [UInt8] {
    let members = definition.tokens.enumerated().map { id, text in
      (String(decoding: text, as: UTF8.self), JSONValue(id))
    }
    return Array((JSONWriter.text(.object(JSONObject(members))) + "\n").utf8)
  }

  private func mergesBytes() -> [UInt8] {
    let lines = definition.merges.map { $0.left + [UInt8(ascii: " ")] + $0.right }
    return Array(
      (["#version: 0.2".utf8.map { $0 }] + lines + [[]]).joined(separator: [UInt8(ascii: "\n")]))
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
        "normalizer": \(JSONWriter.text(definition.normalizer.json, .compact)),
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
