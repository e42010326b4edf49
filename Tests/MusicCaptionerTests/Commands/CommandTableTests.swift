import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// The table of `Docs/Robustness.md`: what each command does when something goes wrong.
@Suite struct CommandTableTests {
  /// A cell of the page.
  struct Cell: CustomTestStringConvertible {
    let command: String
    let situation: String
    let exitCode: Int32
    let words: String?

    var testDescription: String { "\(command): \(situation)" }
  }

  private static let cells: [Cell] = {
    let page = try? String(contentsOf: Checkout.url("Docs/Robustness.md"), encoding: .utf8)
    let rows = (page ?? "").split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    guard let head = rows.first else { return [] }
    return rows.dropFirst().flatMap { row in
      zip(head, row).dropFirst().compactMap { situation, cell in
        guard let code = Int32(cell.prefix { $0.isNumber }) else { return nil }
        let words = cell.split(separator: "`").dropFirst().first.map(String.init)
        return Cell(
          command: row[0].replacing("`", with: ""), situation: situation, exitCode: code,
          words: words)
      }
    }
  }()

  @Test func thePageHasTheTable() { #expect(Self.cells.count > 40) }

  @Test(arguments: cells.filter { !Sanitizer.isForThreads || $0.situation != "disk is full" })
  func theCellIsTrue(_ cell: Cell) throws {
    try withTemporaryFolder { folder in
      try Self.writeInputs(to: folder)
      // A request that is never answered is what a signal meets.
      let isSilent = ["Ctrl-C or SIGTERM", "again"].contains(cell.situation)
      let server = try MisbehavingServer { _, _ in
        isSilent ? .silence : .answer { _ in "A waltz." }
      }
      defer { server.close() }
      let inputs = try Self.contents(of: folder)
      let script = try #require(Self.script(cell), "\(cell.command), \(cell.situation)")
      let found = try Self.shell(script, in: folder, endpoint: server.endpoint)
      #expect(found.exitCode == cell.exitCode, "\(found.messages)")
      #expect(!found.messages.contains(".tmp-"), "\(found.messages)")
      let lines = found.messageLines.filter { !$0.isEmpty }
      if let words = cell.words {
        #expect(lines.contains { $0.contains(words) }, "\(found.messages)")
      }
      let errors = lines.filter { $0.hasPrefix("error: ") }
      #expect(errors.count == ([0, 130].contains(cell.exitCode) ? 0 : 1), "\(found.messages)")
      #expect(lines.allSatisfy { $0.utf8.count < 400 }, "\(found.messages)")
      for (name, content) in inputs {
        let now = try? Data(contentsOf: folder.appending(path: name))
        #expect(now == content, "\(name) has changed")
      }
      let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      // A process that is ended at once leaves what the next start clears away.
      #expect(cell.situation == "again" || !left.contains { $0.contains(".tmp-") }, "\(left)")
    }
  }

  /// The next file to be opened would be taken for standard output or error.
  @Test func closedDescriptorsAreNobodyElsesFiles() throws {
    try withTemporaryFolder { folder in
      try Self.writeInputs(to: folder)
      for (closed, code) in [
        ("<&- >&-", 0), ("<&- 2>&-", 0), (">&- 2>&-", 0), ("<&- >&- 2>&-", 0), (">&-", 0),
      ] as [(String, Int32)] {
        let script = """
          "$BIN/caption" songs none.wav --model model --output out.txt \(closed)
          [ $? = 66 ] || exit 1; [ "$(wc -l <out.txt)" = 2 ] || exit 2; rm out.txt
          "$BIN/train" --config tiny.yaml --output run \(closed) || exit 3
          [ "$(wc -c <run/.lock)" -lt 9 ] && [ -d run/model ] || exit 4; rm -r run
          """
        let found = try Self.shell(script, in: folder, endpoint: "")
        #expect(found.exitCode == code, "\(closed): \(found.messages)")
      }
      for call in [
        "evaluate p.json --metrics bleu", "pseudocaption --tags a --baseline template",
        "pseudocaption --print-prompts", "train --config tiny.yaml --dry-run",
        "caption songs --model model", "caption --help",
      ] {
        let found = try Self.shell("\"$BIN/\"\(call) <&- >&-", in: folder, endpoint: "")
        #expect(found.exitCode == 74, "\(call): \(found.messages)")
        #expect(found.messages.contains("error: standard output: can't be written"))
      }
    }
  }

  // MARK: What the commands are given

  private static let calls: [String: (executable: String, arguments: String, input: String)] = [
    "train": ("train", "--config tiny.yaml --output $OUT", "own"),
    "caption": (
      "caption", "songs --model model --format jsonl --threads 1 --output $OUT", "songs/0.wav"
    ),
    "caption --output-dir": (
      "caption", "songs --model model --format json --threads 1 --output-dir $OUT", "songs/0.wav"
    ),
    "evaluate a file": ("evaluate", "p.json --metrics bleu --output $OUT", "p.json"),
    "evaluate --model": (
      "evaluate",
      "--model model --config run.yaml --metrics bleu --threads 1 --predictions $OUT", "link.jsonl"
    ),
    "evaluate --rating-page": (
      "evaluate", "--rating-page a.json b.json --audio songs --output $OUT", "link.json"
    ),
    "pseudocaption --baseline": (
      "pseudocaption", "--input tags.jsonl --baseline template --output $OUT", "tags.jsonl"
    ),
    "pseudocaption with a server": (
      "pseudocaption", "--input tags.jsonl --endpoint $ENDPOINT --model m --output $OUT",
      "tags.jsonl"
    ),
  ]

  /// What a shell does to bring the situation about; its exit code is the command's.
  private static func script(_ cell: Cell) -> String? {
    guard let (executable, arguments, input) = calls[cell.command] else { return nil }
    let call = "\"$BIN/\(executable)\" \(arguments)"
    switch cell.situation {
    case "output is an input": return "OUT=\(input); \(call)"
    case "output is a folder": return "OUT=songs; \(call)"
    case "output can't be written": return "OUT=/sys/out; \(call)"
    case "disk is full":
      return cell.words == "No space left"
        ? "OUT=/dev/full; \(call)" : "OUT=out.jsonl; ulimit -f 4; \(call)"
    case "started twice": return twice(cell, call)
    case "Ctrl-C or SIGTERM": return interrupted(cell.command, executable, arguments)
    case "again":
      let long = " --set training.gradient_accumulation_steps=100000"
      let (more, isUnderWay) =
        executable == "train"
        ? (long, "grep -q steps: messages") : ("", "[ -s out.jsonl.answers.jsonl ]")
      return """
        OUT=out.jsonl; \(call)\(more) 2>messages & until \(isUnderWay); do sleep 0.02; done
        sleep 0.3; kill -INT $!; sleep 0.6; kill -INT $!; wait $!; code=$?; cat messages >&2; exit $code
        """
    case "nobody reads standard output":
      let direct = arguments.replacing(" --output $OUT", with: "")
        .replacing("--input tags.jsonl", with: "--tags waltz")
        .replacing("tiny.yaml", with: "made.yaml")
      let call =
        cell.command.hasSuffix("server") ? "\"$BIN/\(executable)\" --print-prompts" : direct
      let whole = call == direct ? "\"$BIN/\(executable)\" \(direct)" : call
      // The reader is gone before the first line.
      return "OUT=p2.json; { sleep 0.1; \(whole); echo $? >code; } | true; exit $(cat code)"
    default: return nil
    }
  }

  private static func twice(_ cell: Cell, _ call: String) -> String {
    switch cell.command {
    case "train":
      return """
        OUT=out.jsonl; \(call) --set training.epochs=100000 2>first &
        until [ -s out.jsonl/metrics.jsonl ]; do sleep 0.02; done
        \(call) 2>second; code=$?; \(call) --resume; [ $? = $code ] || exit 1; kill -TERM $!; wait $!; exit $code
        """
    case "evaluate --model":
      return "OUT=out.jsonl; export OUT; flock out.jsonl.partial.jsonl -c '\(call)'"
    case "pseudocaption with a server":
      return "OUT=out.jsonl; export OUT; flock out.jsonl.answers.jsonl -c '\(call)'"
    default:
      return """
        OUT=one; \(call) || exit 1
        OUT=two; \(call) & \(call) || exit 1; wait $! || exit 1; diff -r one two
        """
    }
  }

  private static func interrupted(
    _ command: String, _ executable: String, _ arguments: String
  ) -> String {
    let (more, isUnderWay): (String, String) =
      switch command {
      case "train": (" --set training.epochs=100000", "[ -s $OUT/metrics.jsonl ]")
      case "caption":
        (
          String(repeating: " songs", count: 400),
          "[ -n \"$(find . -name 'out*.tmp-*' -size +0)\" ]"
        )
      case "caption --output-dir":
        (String(repeating: " songs", count: 400), "[ -n \"$(find $OUT -name '*.json')\" ]")
      case "evaluate a file": (" --bootstrap 1000000", "sleep 0.3")
      case "evaluate --model": ("", "[ \"$(wc -l <$OUT.partial.jsonl)\" -gt 16 ]")
      default: (" --timeout 2 --max-retries 0", "[ -s $OUT.answers.jsonl ]")
      }
    // Both signals, one after another; the second one's code counts.
    return ["INT", "TERM"].map { signal in
      """
      OUT=out-\(signal); "$BIN/\(executable)" \(arguments)\(more) 2>messages &
      until \(isUnderWay) 2>/dev/null; do sleep 0.02; done
      kill -\(signal) $!; wait $!; code=$?; cat messages >&2; [ $code = 130 ] || exit $code
      """
    }.joined(separator: "\n") + "\nexit $code"
  }

  private static func shell(
    _ script: String, in folder: URL, endpoint: String
  ) throws -> BuiltCommand.Outcome {
    let bin = try BuiltCommand("train").url.deletingLastPathComponent().path
    let text = "BIN='\(bin)'; ENDPOINT='\(endpoint)'; export BIN ENDPOINT\n\(script)\n"
    try Data(text.utf8).write(to: folder.appending(path: ".script"))
    return try BuiltCommand(executable: URL(fileURLWithPath: "/bin/bash"))
      .run([".script"], in: folder)
  }

  private static func contents(of folder: URL) throws -> [String: Data] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).reduce(into: [:]) {
      $0[$1] = try? Data(contentsOf: folder.appending(path: $1))
    }
  }

  private static func writeInputs(to folder: URL) throws {
    try TinyRun.writeFiles(to: folder)
    for name in ["model", "own/model"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: "own"), withIntermediateDirectories: true)
      try TinyModel.bundle().write(to: folder.appending(path: name))
    }
    let songs = folder.appending(path: "songs")
    try FileManager.default.createDirectory(at: songs, withIntermediateDirectories: true)
    for index in 0..<2 {
      try TinyModel.writeWave(songs.appending(path: "\(index).wav"), seconds: 1, seed: index)
    }
    let pairs = (0..<200).map {
      "{\"prediction\": \"a slow song \($0)\", \"ground_truth\": \"a song \($0)\"}"
    }
    func rated(_ word: String) -> String {
      let rows = (0..<2).map { "{\"audio_id\": \"\($0)\", \"prediction\": \"\(word) \($0)\"}" }
      return "[\(rows.joined(separator: ","))]"
    }
    let clips = (0..<2_000).map {
      "{\"id\": \"\($0)\", \"audio\": \"songs/0.wav\", \"split\": \"test\", \"caption\": \"a song\"}\n"
    }
    let tags = (0..<500).map { "{\"track_id\": \"\($0)\", \"tag\": [\"waltz \($0)\"]}\n" }
    let configuration = "data: {validation: [{manifest: clips.jsonl, captions: [caption]}]}\n"
    for (name, text) in [
      ("p.json", "[\(pairs.joined(separator: ","))]"),
      ("a.json", rated("song")), ("b.json", rated("tune")), ("clips.jsonl", clips.joined()),
      ("tags.jsonl", tags.joined()), ("run.yaml", configuration),
      ("made.yaml", TrainCommandTests.synthesized),
    ] { try Data(text.utf8).write(to: folder.appending(path: name)) }
    for (link, file) in [("link.jsonl", "clips.jsonl"), ("link.json", "a.json")] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: link).path, withDestinationPath: file)
    }
  }
}
