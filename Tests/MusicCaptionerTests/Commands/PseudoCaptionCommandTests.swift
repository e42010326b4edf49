import Foundation
import Glibc
import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct PseudoCaptionCommandTests {
  typealias Server = MisbehavingServer

  private static let key = "sk-never-to-be-seen"

  /// A process with a key in its environment, its messages in `messages`.
  private static func process(_ arguments: [String], in folder: URL) throws -> Process {
    let process = Process()
    process.executableURL = try BuiltCommand("pseudocaption").url
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    environment["OPENAI_API_KEY"] = key
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    for name in ["output", "messages"] { try Data().write(to: folder.appending(path: name)) }
    process.standardOutput = try FileHandle(forWritingTo: folder.appending(path: "output"))
    process.standardError = try FileHandle(forWritingTo: folder.appending(path: "messages"))
    return process
  }

  private static func run(
    _ arguments: [String], in folder: URL
  ) throws -> (code: Int32, output: String, messages: String) {
    let process = try process(arguments, in: folder)
    try process.run()
    process.waitUntilExit()
    func text(_ name: String) throws -> String {
      try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
    return (process.terminationStatus, try text("output"), try text("messages"))
  }

  private static func write(_ count: Int, to name: String, in folder: URL) throws {
    let lines = (0..<count).map { "{\"track_id\": \"t\($0)\", \"tag\": [\"tag \($0)\"]}\n" }
    try Data(lines.joined().utf8).write(to: folder.appending(path: name))
  }

  @Test func everyFlagReachesItsOption() throws {
    try withTemporaryFolder { folder in
      let found = try Self.run(
        [
          "--tags", "waltz", "--baseline", "template", "--shuffle-seed", "1", "--min-words", "1",
          "--min-coverage", "0.1", "--concurrency", "2", "--requests-per-minute", "3",
          "--tokens-per-minute", "4", "--timeout", "5", "--max-retries", "6", "--temperature", "1",
          "--max-tokens", "7",
        ], in: folder)
      #expect(found.code == 0)
      #expect(
        found.messages.split(separator: "\n").map { $0.replacing("warning: ", with: "") } == [
          "--concurrency has no effect with --baseline",
          "--requests-per-minute has no effect with --baseline",
          "--tokens-per-minute has no effect with --baseline",
          "--timeout has no effect with --baseline", "--max-retries has no effect with --baseline",
          "--temperature has no effect with --baseline",
          "--max-tokens has no effect with --baseline",
          "--min-words and --max-words have no effect without --filter length",
          "--min-coverage has no effect without --filter coverage",
        ])
    }
  }

  @Test func everyFlagIsNamedWhereItsValueCannotBeUsed() throws {
    try withTemporaryFolder { folder in
      for (flag, value) in [
        ("--concurrency", "0"), ("--requests-per-minute", "0"), ("--tokens-per-minute", "-2"),
        ("--timeout", "0.05"), ("--max-retries", "101"), ("--temperature", "11"),
        ("--max-tokens", "-3"), ("--min-coverage", "1.5"),
      ] {
        let found = try Self.run(
          [
            "--tags", "waltz", "--endpoint", "http://127.0.0.1:1", "--model", "m",
            "\(flag)=\(value)",
          ],
          in: folder)
        #expect(found.code == 64 && found.output.isEmpty, "\(flag)")
        #expect(found.messages.hasPrefix("error: \(flag): found \(value)"), "\(found.messages)")
      }
    }
  }

  @Test func tagsBecomeALineOfCaptions() throws {
    try withTemporaryFolder { folder in
      let template = try Self.run(["--tags", "waltz, harp", "--baseline", "template"], in: folder)
      #expect(template.code == 0)
      #expect(
        template.output == """
          {"tag": ["waltz", "harp"], "caption_writing": "the music is characterized by waltz, harp"}

          """)
      let server = try Server { _, _ in .answer { _ in "A waltz." } }
      defer { server.close() }
      let asked = try Self.run(
        [
          "--tags", "waltz", "--instruction", "summary", "--endpoint", server.endpoint, "--model",
          "m",
        ], in: folder)
      #expect(asked.code == 0 && asked.messages == "")
      #expect(asked.output == "{\"tag\": [\"waltz\"], \"caption_summary\": \"A waltz.\"}\n")
      #expect(server.requests.first?.headers["authorization"] == "Bearer \(Self.key)")
    }
  }

  @Test func wrongUsageIsOneLine() throws {
    try withTemporaryFolder { folder in
      try Self.write(1, to: "in.jsonl", in: folder)
      for (arguments, code, words) in [
        ([], 64, "--tags and --input"),
        (["--tags", "a"], 64, "--model"),
        (["--tags", ",", "--baseline", "template"], 64, "no tag"),
        (["--tags", "a", "--baseline", "poem"], 64, "poem"),
        (
          ["--tags", "a", "--baseline", "template", "--instruction", "x"], 64,
          "attribute_prediction"
        ),
        (["--input", "in.jsonl", "--model", "m"], 64, "--output"),
        (["--input", "in.jsonl", "--output", "in.jsonl", "--model", "m"], 64, "the input itself"),
        (["--input", "none.jsonl", "--output", "o", "--baseline", "template"], 66, "none.jsonl"),
        (["--input", "in.jsonl", "--output", "no/o", "--baseline", "template"], 74, "no/o"),
        (["--input", "in.jsonl", "--estimate", "--price-in", "1"], 64, "--price-out"),
        (["--input", "in.jsonl", "--baseline", "template", "--estimate"], 64, "--estimate"),
        (["--tags", "a", "--endpoint", "nowhere", "--model", "m"], 64, "--endpoint"),
        (
          ["--tags", "a", "--model", "m", "--max-retries", "9223372036854775807"], 64,
          "--max-retries"
        ),
      ] as [([String], Int32, String)] {
        let outcome = try Self.run(arguments, in: folder)
        #expect(outcome.code == code, "\(arguments): \(outcome.messages)")
        #expect(outcome.messages.hasPrefix("error: ") && outcome.messages.contains(words))
        #expect(outcome.messages.split(separator: "\n").count == 1, "\(outcome.messages)")
      }
    }
  }

  @Test func theServersRefusalIsSaidWithoutTheKey() throws {
    try withTemporaryFolder { folder in
      let server = try Server { _, request in
        .status(401, body: "{\"error\": \"no: \(request.headers["authorization"] ?? "")\"}")
      }
      defer { server.close() }
      try Self.write(3, to: "in.jsonl", in: folder)
      let outcome = try Self.run(
        [
          "--input", "in.jsonl", "--output", "out.jsonl", "--endpoint", server.endpoint, "--model",
          "m",
        ], in: folder)
      #expect(outcome.code == 1)
      #expect(outcome.messages.contains("refuses (401): no: Bearer ***"))
      #expect(outcome.messages.hasSuffix("run the same command to continue)\n"))
      let once = try Self.run(
        [
          "--tags", "a", "--endpoint", "http://127.0.0.1:9", "--model", "m", "--max-retries", "0",
        ], in: folder)
      #expect(once.code == 1 && once.messages.contains("no answer after 1 attempt; the last: "))
      #expect(!once.messages.contains("run the same command to continue"))
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        #expect(!text.contains(Self.key), "\(name)")
      }
    }
  }

  @Test func anotherFormOfRequestsIsWarnedOfOnce() throws {
    try withTemporaryFolder { folder in
      try Self.write(3, to: "in.jsonl", in: folder)
      let server = try Server { _, request in
        request.body.contains("\"max_tokens\"")
          ? .status(400, body: "{\"error\": \"max_tokens is not supported\"}")
          : .answer { _ in "<think>A waltz.</think>A song.</s>" }
      }
      defer { server.close() }
      let outcome = try Self.run(
        [
          "--input", "in.jsonl", "--output", "out.jsonl", "--endpoint", server.endpoint, "--model",
          "m", "--instruction", "writing", "--max-tokens", "50",
        ], in: folder)
      #expect(outcome.code == 0, "\(outcome.messages)")
      let warnings = outcome.messages.split(separator: "\n").filter { $0.hasPrefix("warning") }
      #expect(
        warnings == ["warning: the server doesn't take max_tokens; sending max_completion_tokens"])
      let rows = try jsonObjects(folder.appending(path: "out.jsonl").path)
      #expect(rows.map { $0["caption_writing"] as? String } == ["A song.", "A song.", "A song."])
    }
  }

  @Test func anEstimateAsksNothingAndWritesNothing() throws {
    try withTemporaryFolder { folder in
      try Self.write(100, to: "in.jsonl", in: folder)
      let outcome = try Self.run(
        [
          "--input", "in.jsonl", "--output", "out.jsonl", "--estimate", "--price-in", "1",
          "--price-out", "2",
        ], in: folder)
      #expect(outcome.code == 0)
      #expect(
        outcome.output.contains("requests: 400\n") && outcome.output.contains("cost: about 0.0"))
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "out.jsonl").path))
    }
  }

  /// An output is the file that the system finds, not what a URL makes of its name.
  @Test func anInputIsNotOverwrittenThroughALinkOrAPattern() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      for name in ["other", "here"] {
        try files.createDirectory(
          at: folder.appending(path: name), withIntermediateDirectories: true)
      }
      try files.createSymbolicLink(
        atPath: folder.appending(path: "here/link").path, withDestinationPath: "../other")
      let row = Data(#"{"track_id": "1", "tag": ["waltz"]}"#.utf8)
      for name in ["here/t.jsonl", "t.jsonl"] { try row.write(to: folder.appending(path: name)) }
      let command = try BuiltCommand("pseudocaption")
      for (input, output, code, written) in [
        // This is t.jsonl beside "here".
        ("t.jsonl", "link/../t.jsonl", 0, "t.jsonl"), ("*.jsonl", "t.jsonl", 64, nil),
        ("../t.jsonl", "link/../t.jsonl", 64, nil), ("t.jsonl", "~/x.jsonl", 74, nil),
      ] as [(String, String, Int32, String?)] {
        let outcome = try command.run(
          ["--input", input, "--output", output, "--baseline", "template"],
          in: folder.appending(path: "here"))
        #expect(outcome.exitCode == code, "\(input) \(output): \(outcome.messages)")
        #expect(try Data(contentsOf: folder.appending(path: "here/t.jsonl")) == row)
        if let written { #expect(try Data(contentsOf: folder.appending(path: written)) != row) }
      }
    }
  }

  @Test func printedPromptsCanBeGivenBackAndChanged() throws {
    try withTemporaryFolder { folder in
      let printed = try Self.run(["--print-prompts"], in: folder)
      #expect(printed.code == 0)
      try Data(printed.output.utf8).write(to: folder.appending(path: "all.yaml"))
      try Data("summary: {one_tag: \"Say {tags}!\"}".utf8)
        .write(to: folder.appending(path: "one.json"))
      try Data("summary: {one_tag: \"Say.\"}".utf8).write(to: folder.appending(path: "bad.yaml"))
      let server = try Server { _, _ in .answer { _ in "A waltz." } }
      defer { server.close() }
      func ask(_ prompts: String) throws -> (code: Int32, output: String, messages: String) {
        try Self.run(
          [
            "--tags", "waltz", "--instruction", "summary", "--endpoint", server.endpoint,
            "--model", "m", "--prompts", prompts,
          ], in: folder)
      }
      #expect(try ask("all.yaml").code == 0)
      #expect(try ask("one.json").code == 0)
      #expect(try ask("bad.yaml").code == 65)
      #expect(
        server.requests.map(\.content)
          == [InstructionPrompts().text(.summary, tags: ["waltz"]), "Say waltz!"])
    }
  }

  /// Killed while requests are on their way, the run goes on and asks for no answer that it had.
  @Test func aKilledRunGoesOn() throws {
    try withTemporaryFolder { folder in
      let count = 300
      try Self.write(count, to: "in.jsonl", in: folder)
      let server = try Server { _, _ in .answer({ "A song." + $0.suffix(8) }, after: 0.005) }
      defer { server.close() }
      let arguments = [
        "--input", "in.jsonl", "--output", "out.jsonl", "--instruction", "writing", "--sort",
        "--endpoint", server.endpoint, "--model", "m", "--concurrency", "4",
      ]
      var askedBefore = 0
      for part in 1...2 {
        let process = try Self.process(arguments, in: folder)
        try process.run()
        while server.requestCount < askedBefore + part * 60, process.isRunning { usleep(1_000) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        askedBefore = server.requestCount
      }
      #expect(askedBefore < count)
      let outcome = try Self.run(arguments, in: folder)
      #expect(outcome.code == 0, "\(outcome.messages)")
      let rows = try jsonObjects(folder.appending(path: "out.jsonl").path)
      #expect(rows.map { $0["input_row"] as? Int } == Array(0..<count))
      // Each kill loses at most what was on its way.
      #expect((count...count + 2 * 4).contains(server.requestCount))
      let answers = try jsonObjects(folder.appending(path: "out.jsonl.answers.jsonl").path)
      #expect(Set(answers.compactMap { $0["row"] as? Int }).count == answers.count - 1)
    }
  }

  @Test func ctrlCKeepsWhatIsOnItsWay() throws {
    try withTemporaryFolder { folder in
      try Self.write(200, to: "in.jsonl", in: folder)
      let server = try Server { _, _ in .answer({ _ in "A song." }, after: 0.1) }
      defer { server.close() }
      let process = try Self.process(
        [
          "--input", "in.jsonl", "--output", "out.jsonl", "--instruction", "writing", "--endpoint",
          server.endpoint, "--model", "m", "--concurrency", "4",
        ], in: folder)
      try process.run()
      while server.requestCount < 6, process.isRunning { usleep(1_000) }
      kill(process.processIdentifier, SIGINT)
      process.waitUntilExit()
      #expect(process.terminationStatus == 130)
      let answers = try jsonObjects(folder.appending(path: "out.jsonl.answers.jsonl").path)
      #expect(answers.count - 1 == server.requestCount)
    }
  }

  @Test func ctrlCInABaselineSaysThatNothingWasWritten() throws {
    try withTemporaryFolder { folder in
      try Self.write(100_000, to: "in.jsonl", in: folder)
      let process = try Self.process(
        ["--input", "in.jsonl", "--output", "out.jsonl", "--baseline", "template"], in: folder)
      try process.run()
      usleep(500_000)
      kill(process.processIdentifier, SIGINT)
      process.waitUntilExit()
      #expect(process.terminationStatus == 130)
      let messages = try String(contentsOf: folder.appending(path: "messages"), encoding: .utf8)
      // Only "interrupted" if it had not begun yet.
      #expect(["interrupted\n", "interrupted: nothing was written\n"].contains(messages))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
          == ["in.jsonl", "messages", "output"])
    }
  }

  @Test func ctrlCEndsTheWaitForAServerThatDrips() throws {
    try withTemporaryFolder { folder in
      try Self.write(20, to: "in.jsonl", in: folder)
      let server = try Server { _, _ in .drip }
      defer { server.close() }
      let process = try Self.process(
        [
          "--input", "in.jsonl", "--output", "out.jsonl", "--endpoint", server.endpoint, "--model",
          "m", "--timeout", "1",
        ], in: folder)
      try process.run()
      while server.requestCount < 4, process.isRunning { usleep(1_000) }
      kill(process.processIdentifier, SIGINT)
      process.waitUntilExit()
      #expect(process.terminationStatus == 130)
      let messages = try String(contentsOf: folder.appending(path: "messages"), encoding: .utf8)
      #expect(messages.hasSuffix("run the same command to continue\n"))
      #expect(server.requestCount <= 16)
    }
  }
}
