import Foundation
import Testing

@testable import MusicCaptioner

/// Four times the input takes about four times as long, whatever the input is made of. A reader that looks
/// at what it has read again and again takes sixteen times as long.
@Suite(.serialized) struct LinearTimeTests {
  struct Reader: Sendable, CustomTestStringConvertible {
    let name: String
    /// About this many bytes.
    let input: @Sendable (Int) -> [UInt8]
    /// Errors are as good as a result.
    let read: @Sendable ([UInt8]) throws -> Void

    init(
      _ name: String, _ input: @escaping @Sendable (Int) -> [UInt8],
      _ read: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
      (self.name, self.input, self.read) = (name, input, read)
    }

    var testDescription: String { name }

    /// The processor's time, since this thread waits while the other tests run.
    func seconds(_ size: Int) -> Double {
      let bytes = input(size)
      let start = Self.processorSeconds()
      try? read(bytes)
      return Self.processorSeconds() - start
    }

    private static func processorSeconds() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
  }

  /// The ratio is that of the fastest of some runs, since other programs use the same caches.
  @Test(arguments: readers) func timeGrowsWithTheInput(_ reader: Reader) {
    var size = 8 << 10
    while reader.seconds(size) < 0.01 {
      size *= 2
      // What is read so fast, or refused for its length, has no slope to measure.
      if size > 4 << 20 { return }
    }
    var ratios: [Double] = []
    for _ in 0..<4 {
      let small = (0..<2).map { _ in reader.seconds(size) }.min() ?? 0
      ratios.append(reader.seconds(4 * size) / max(small, 1e-4))
      if ratios.last ?? 0 < 9 { return }
    }
    Issue.record("\(reader.name): four times \(size) bytes take \(ratios) times as long")
  }

  private static func repeated(
    _ unit: String, after start: String = "", before end: String = ""
  ) -> @Sendable (Int) -> [UInt8] {
    { Array((start + String(repeating: unit, count: max(1, $0 / unit.utf8.count)) + end).utf8) }
  }

  /// Units that differ from each other, as names of columns or tensors must.
  private static func numbered(
    _ start: String, _ unit: @escaping @Sendable (Int) -> String, _ end: String
  ) -> @Sendable (Int) -> [UInt8] {
    { size in
      var text = start
      var index = 0
      while text.utf8.count < size {
        text += unit(index)
        index += 1
      }
      return Array((text + end).utf8)
    }
  }

  private static func table(_ name: String) -> @Sendable ([UInt8]) throws -> Void {
    { bytes in
      var reader = try TableReader(bytes, name: name)
      while try reader.next() != nil {}
    }
  }

  private static func sound(_ bytes: [UInt8]) throws {
    _ = try AudioClip(Data(bytes), name: "x", sampleRate: nil)
  }

  private static func file(
    _ name: String, _ read: @escaping @Sendable (URL) throws -> Void
  ) -> @Sendable ([UInt8]) throws -> Void {
    { bytes in
      try withTemporaryFolder { folder in
        let url = folder.appending(path: name)
        try Data(bytes).write(to: url)
        try read(url)
      }
    }
  }

  private static func text(
    _ read: @escaping @Sendable (String) throws -> Void
  ) -> @Sendable ([UInt8]) throws -> Void {
    { try read(String(decoding: $0, as: UTF8.self)) }
  }

  @Sendable private static func metricWords(_ text: String) {
    let scalars = Array(text.unicodeScalars)
    _ = PTBWords.words(of: scalars)
    for sentence in SentenceSplitter.sentences(in: scalars) {
      _ = TreebankWords.words(of: sentence)
    }
  }

  private static let readers: [Reader] = [
    // Tables
    Reader("CSV, many columns", numbered("", { "c\($0)," }, "x\n1\n"), table("t.csv")),
    Reader("CSV, long header and many rows", repeated("1,2,3\n", after: "a,b,c\n"), table("t.csv")),
    Reader(
      "CSV, one quoted field", repeated("\"\"", after: "a\n\"", before: "\"\n"), table("t.csv")),
    Reader("JSON, many rows", repeated("{\"a\": 1}, ", after: "[", before: "{}]"), table("t.json")),
    Reader(
      "JSON, keyed rows", numbered("{", { "\"k\($0)\": {\"a\": 1}, " }, "\"z\": {}}"),
      table("t.json")),
    Reader(
      "JSON, columns", numbered("{", { "\"c\($0)\": {\"0\": 1}, " }, "\"z\": {\"0\": 1}}"),
      table("t.json")),
    Reader(
      "JSON, one column", numbered("{\"c\": {", { "\"\($0)\": 1, " }, "\"z\": 1}}"), table("t.json")
    ),
    Reader(
      "JSON, split",
      repeated("[1], ", after: "{\"columns\": [\"a\"], \"data\": [", before: "[2]]}"),
      table("t.json")),
    Reader(
      "JSON, members of one object", numbered("[{", { "\"k\($0)\": 1, " }, "\"z\": 1}]"),
      table("t.json")),
    Reader("JSON, nesting", repeated("["), table("t.json")),
    Reader(
      "JSON, escapes", repeated("\\u0041\\ud83c", after: "[\"", before: "\"]"), table("t.json")),
    Reader("JSON Lines", repeated("{\"a\": 1}\n"), table("t.jsonl")),
    Reader(
      "Python list", repeated("'a' ", after: "[", before: "]"), text { _ = try parsePythonList($0) }
    ),
    Reader(
      "Python list, escapes", repeated("\\x41\\'", after: "['", before: "']"),
      text { _ = try parsePythonList($0) }),
    Reader(
      "predictions",
      repeated("{\"prediction\": \"a\", \"ground_truth\": \"b\"}, ", after: "[", before: "{}]"),
      file("p.json") { _ = try CaptionPair.read($0.path) }),

    // Models
    Reader("pickle, marks", repeated("(", before: "."), { _ = try Unpickler.read($0, path: "m") }),
    Reader(
      "pickle, tuples in tuples", repeated("\u{85}", after: "N", before: "."),
      { _ = try Unpickler.read($0.filter { $0 != 0xC2 }, path: "m") }),
    Reader(
      "pickle, a long list", repeated("K\u{1}", after: "](", before: "e."),
      { _ = try Unpickler.read($0, path: "m") }),
    Reader(
      "pickle, lists in memory", repeated("]q\u{1}h\u{1}a", after: "]", before: "."),
      { _ = try Unpickler.read($0, path: "m") }),
    Reader(
      "safetensors, many names",
      { size in
        let header = numbered(
          "{", { "\"t\($0)\": {\"dtype\": \"F32\", \"shape\": [0], \"data_offsets\": [0, 0]}, " },
          "\"__metadata__\": {}}")(size)
        return withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header
      }, file("m.safetensors") { _ = try CheckpointFile.read($0) }),
    Reader(
      "tokenizer.json, many tokens",
      numbered(
        "{\"model\": {\"type\": \"BPE\", \"merges\": [], \"vocab\": {", { "\"t\($0)\": \($0), " },
        "\"z\": 0}}, \"added_tokens\": []}"),
      file("tokenizer.json") { _ = try Tokenizer(contentsOf: $0) }),
    Reader(
      "checksums",
      numbered(
        "{\"files\": {", { "\"f\($0)\": {\"bytes\": 1, \"checksum\": \"00\"}, " },
        "\"z\": {\"bytes\": 1, \"checksum\": \"00\"}}}"),
      file("checksums.json") { try FolderManifest.verify($0.deletingLastPathComponent()) }),
    Reader(
      "YAML, keys", numbered("model:\n", { "  k\($0): 1\n" }, ""),
      text { _ = try ConfigurationFile<RunConfiguration>(yaml: $0) }),
    Reader(
      "YAML, nesting", repeated("["), text { _ = try ConfigurationFile<RunConfiguration>(yaml: $0) }
    ),
    // Keys that hold mappings whose keys hold mappings: each level is hashed again by the next.
    Reader(
      "YAML, mappings as keys",
      repeated("x,", after: "a:\n  " + String(repeating: "{? ", count: 900) + "["),
      text { _ = try ConfigurationFile<RunConfiguration>(yaml: $0) }
    ),
    Reader(
      "file pattern", repeated("a"),
      text { _ = TableFiles.isMatch($0, String(repeating: "a*", count: 100) + "b") }),
    Reader(
      "metrics.jsonl", repeated("{\"step\": 4}\n"),
      file("m.jsonl") { try JSONLinesFile(url: $0).truncate(afterStep: 3) }),
    Reader(
      "WordNet", repeated("a n 1 0 1 0 00000001  \n"),
      { try WordNetLines.check($0, .index, file: "index.noun") }),

    // Sounds
    Reader("sound of set bits", { [UInt8](repeating: 0xFF, count: $0) }, sound),
    Reader("sound of zeros", { [UInt8](repeating: 0, count: $0) }, sound),
    Reader(
      "MP3 headers without frames", repeated("\u{7F}\u{7B}\u{10}", after: ""),
      { try sound($0.map { $0 == 0x7F ? 0xFF : $0 == 0x7B ? 0xFB : $0 }) }),
    Reader("MP3 behind tags", repeated("ID3\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"), sound),
    Reader(
      "WAV of many chunks",
      repeated("abcd\u{0}\u{0}\u{0}\u{0}", after: "RIFF\u{0}\u{0}\u{0}\u{1}WAVE"), sound),
    Reader(
      "Ogg of empty pages",
      { size in
        let page = Array("OggS".utf8) + [UInt8](repeating: 0, count: 23)
        return (0..<max(1, size / page.count)).flatMap { _ in page }
      }, sound),
    Reader("FLAC of empty blocks", repeated("\u{4}\u{0}\u{0}\u{0}", after: "fLaC"), sound),
    Reader(
      "NumPy, a long header",
      { size in
        let header = repeated("1, ", after: "{'descr': '<f4', 'shape': (", before: ")}")(size)
        return [0x93] + Array("NUMPY".utf8) + [2, 0]
          + withUnsafeBytes(of: UInt32(header.count).littleEndian, Array.init) + header
      }, sound),

    // Texts and answers
    Reader("metrics' words", repeated("it's R&B, e.g. $3.5. "), text(metricWords)),
    Reader("metrics' words, one word", repeated("a.b'"), text(metricWords)),
    Reader(
      "terminal text", repeated("\u{1B}[31m\u{202E}é"), text { _ = $0.printable(keepsLines: true) }),
    Reader(
      "attribute prediction, braces", repeated("{"), text { _ = AttributePrediction(parsing: $0) }),
    Reader(
      "attribute prediction, dictionaries", repeated("{'a': {'b': ", before: "1"),
      text { _ = AttributePrediction(parsing: $0) }),
    Reader(
      "attribute prediction, names", repeated("'description': "),
      text { _ = AttributePrediction(parsing: $0) }),
    Reader(
      "attribute prediction, quotes", repeated("{'a\\'\""),
      text { _ = AttributePrediction(parsing: $0) }),
    Reader(
      "chat answer, a stream",
      repeated("data: {\"choices\": [{\"delta\": {\"content\": \"a\"}}]}\n\n"),
      { _ = ChatAnswer(body: $0) }),
    Reader(
      "Retry-After", repeated("1h"),
      text {
        _ = RetryAfter.seconds([
          "retry-after": $0, "x-ratelimit-reset-requests": $0,
          "x-ratelimit-remaining-requests": "0",
        ])
      }),
  ]
}
