import Foundation

@testable import MusicCaptioner

extension Parser {
  static let all: [String: Parser] = tables.merging(models) { $1 }.merging(sounds) { $1 }
    .merging(texts) { $1 }.merging(answers) { $1 }

  // MARK: tables

  private static func table(_ name: String) -> Parser {
    Parser { bytes in
      var reader = try TableReader(bytes, name: name)
      while try reader.next() != nil {}
    }
  }

  private static let tables: [String: Parser] = [
    "csv": Parser { bytes in
      var reader = try TableReader(bytes, name: "t.csv")
      while let row = try reader.next() { blackHole(row) }
    },
    "tsv": table("t.tsv"),
    "json-table": table("t.json"),
    "json-lines": table("t.jsonl"),
    "parquet": table("t.parquet"),
    "gzip": table("t.jsonl.gz"),
    "zstd": table("t.jsonl.zst"),
    "tracks": Parser(file: "t.json") { url in
      var options = DatasetOptions()
      options.manifest = url.lastPathComponent
      blackHole(try TrackSet([options], relativeTo: url.deletingLastPathComponent()))
    },
    "json": Parser { bytes in
      let value = try JSONReader.document(bytes, name: "x.json")
      let text = JSONWriter.text(value)
      let again = try JSONReader.document(Array(text.utf8), name: "x.json")
      require(again == value, "written and read again: \(text)")
    },
    "python-list": Parser { bytes in
      do throws(PythonListFault) {
        blackHole(try parsePythonList(String(decoding: bytes, as: UTF8.self)))
      } catch {}
    },
    "predictions": Parser(file: "p.json") { url in blackHole(try CaptionPair.read(url.path)) },
    "ratings": Parser(file: "r.json") { url in blackHole(try Ratings.read([url.path])) },
  ]

  // MARK: models

  private static let models: [String: Parser] = [
    "checkpoint": Parser(file: "m.pth") { url in blackHole(try CheckpointFile.read(url)) },
    "safetensors": Parser(file: "m.safetensors") { url in blackHole(try CheckpointFile.read(url)) },
    "pickle": Parser { bytes in blackHole(try Unpickler.read(bytes, path: "m.pth")) },
    "checksums": Parser(file: "checksums.json") { url in
      try FolderManifest.verify(url.deletingLastPathComponent())
    },
    "model-configuration": Parser(file: "config.json") { url in
      // Ends with "no weights" if the configuration is right.
      blackHole(try ModelBundle(contentsOf: url.deletingLastPathComponent()))
    },
    "tokenizer": Parser(file: "tokenizer.json") { url in blackHole(try Tokenizer(contentsOf: url))
    },
    "merges": Parser { bytes in
      // The vocabulary, a zero byte, and the merges.
      let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
      try Scratch.write(Array(parts[0]), to: "vocab.json")
      try Scratch.write(parts.count > 1 ? Array(parts[1]) : [], to: "merges.txt")
      blackHole(try Tokenizer(contentsOf: Scratch.folder))
    },
    "word-pieces": Parser(file: "tokenizer.json") { url in
      blackHole(try WordPieceTokenizer(contentsOf: url.deletingLastPathComponent()))
    },
    "configuration": Parser { bytes in
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      blackHole(try ConfigurationFile<RunConfiguration>(yaml: text))
    },
    "configuration-file": Parser(file: "c.yaml") { url in
      blackHole(try ConfigurationFile<RunConfiguration>(contentsOf: url))
    },
    "override": Parser { bytes in
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      blackHole(try ConfigurationFile<RunConfiguration>(yaml: "{}", overrides: [text]))
    },
    "metrics-log": Parser(file: "metrics.jsonl") { url in
      try JSONLinesFile(url: url).truncate(afterStep: 5, orWith: "validation_loss")
    },
    "wordnet": Parser { bytes in
      try WordNetLines.check(bytes, bytes.count % 2 == 0 ? .index : .data, file: "index.noun")
    },
  ]

  // MARK: sounds

  private static func sound(_ bytes: [UInt8]) throws {
    let clip = try AudioClip(Data(bytes), name: "x", sampleRate: nil)
    require(clip.samples.allSatisfy { $0.isFinite }, "samples that are not finite")
  }

  /// One reader for all; the seeds make the difference.
  private static let sounds = Dictionary(
    uniqueKeysWithValues: ["wave", "mp3", "ogg", "flac", "numpy", "sound"].map {
      ($0, Parser(sound))
    })

  // MARK: texts

  private static func text(_ read: @escaping @Sendable (String) throws -> Void) -> Parser {
    Parser { bytes in try read(String(decoding: bytes, as: UTF8.self)) }
  }

  private static let texts: [String: Parser] = [
    "metric-words": text { text in
      let scalars = Array(text.unicodeScalars)
      blackHole(PTBWords.words(of: scalars))
      for sentence in SentenceSplitter.sentences(in: scalars) {
        blackHole(TreebankWords.words(of: sentence))
      }
    },
    "printable": text { text in
      let printable = text.printable(keepsLines: false)
      require(printable == printable.printable(keepsLines: false), "not printable: \(printable)")
    },
    "key-mask": text { text in
      let key = "sk-a1B2/c3+D4=e5"
      require(!KeyMask(key).masked(text + key).contains(key), "the key is there")
    },
  ]

  // MARK: answers

  private static let answers: [String: Parser] = [
    "chat-answer": Parser { bytes in blackHole(ChatAnswer(body: bytes)) },
    "spoken-text": text { text in blackHole(SpokenText(text)) },
    "attribute-prediction": text { text in blackHole(AttributePrediction(parsing: text)) },
    "answer-journal": Parser { bytes in
      let record = try AnswerJournal.record(bytes, "a.jsonl", 1)
      blackHole(try AnswerJournal.number(record, "row"))
    },
    "retry-after": text { text in
      for name in [
        "retry-after", "retry-after-ms", "x-ratelimit-reset", "x-ratelimit-reset-requests",
      ] {
        blackHole(RetryAfter.seconds([name: text, "x-ratelimit-remaining-requests": "0"]))
      }
    },
    "prompts": Parser(file: "prompts.yaml") { url in
      blackHole(try ConfigurationFile<InstructionPrompts>(contentsOf: url))
    },
  ]
}

/// Keeps the compiler from leaving out what nobody reads.
@inline(never) private func blackHole<Value>(_ value: Value) {}
