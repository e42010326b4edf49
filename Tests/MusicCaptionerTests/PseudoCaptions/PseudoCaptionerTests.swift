import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct PseudoCaptionerTests {
  typealias Server = MisbehavingServer

  private static let forms: @Sendable (String) -> String = { content in
    let tags = content.split(separator: "\n").last.map(String.init) ?? ""
    return content.contains("dictionary")
      ? "{'new_attribute': ['warm'], 'description': 'A warm song of \(tags).'}"
      : "A song of \(tags)."
  }

  private static func options(
    _ instructions: [Instruction] = Instruction.allCases
  ) -> PseudoCaptionOptions {
    var options = PseudoCaptionOptions()
    options.instructions = instructions
    options.chat.concurrency = 4
    options.chat.timeoutSeconds = 5
    options.chat.retries.firstSeconds = 0.02
    options.chat.retries.retryCount = 3
    return options
  }

  private static func captioner(
    _ server: Server, _ options: PseudoCaptionOptions, model: String = "small"
  ) throws -> PseudoCaptioner {
    try PseudoCaptioner(try ChatServer(endpoint: server.endpoint, model: model), options: options)
  }

  private static func input(_ folder: URL, _ count: Int) throws -> TagTable {
    let file = folder.appending(path: "in.jsonl")
    let lines = (0..<count).map { "{\"track_id\": \"t\($0)\", \"tag\": [\"tag \($0)\", \"b\"]}\n" }
    try Data(lines.joined().utf8).write(to: file)
    return TagTable(path: file.path)
  }

  @Test func everyTrackGetsEveryCaption() async throws {
    try await withTemporaryFolder { folder in
      let server = try Server { _, _ in .answer(Self.forms) }
      defer { server.close() }
      let output = folder.appending(path: "out.jsonl").path
      let table = try Self.input(folder, 6)
      let summary = try await Self.captioner(server, Self.options()).run(table, output: output)
      #expect(summary.rowCount == 6 && summary.answerCount == 24)
      #expect(summary.tokens == TokenCount(prompt: 24 * 40, completion: 24 * 20))
      #expect(server.requestCount == 24 && server.mostActive <= 4)
      let rows = try jsonObjects(output)
      #expect(Set(rows.compactMap { $0["track_id"] as? String }).count == 6)
      for row in rows {
        let number = try #require(row["input_row"] as? Int)
        #expect(row["caption_writing"] as? String == "A song of tag \(number), b.")
        #expect(
          row["caption_attribute_prediction"] as? String == "A warm song of tag \(number), b.")
        #expect(row["pseudo_attribute"] as? [String] == ["warm"])
      }
    }
  }

  @Test func aSecondStartAsksNothingAndSortKeepsTheInputsOrder() async throws {
    try await withTemporaryFolder { folder in
      let server = try Server { number, _ in
        .answer(Self.forms, after: number % 4 == 0 ? 0.05 : 0)
      }
      defer { server.close() }
      let output = folder.appending(path: "out.jsonl").path
      let table = try Self.input(folder, 40)
      var options = Self.options([.writing])
      _ = try await Self.captioner(server, options).run(table, output: output)
      options.sortsOutput = true
      let again = try await Self.captioner(server, options).run(table, output: output)
      #expect(again.answerCount == 0 && server.requestCount == 40)
      #expect(try jsonObjects(output).map { $0["input_row"] as? Int } == Array(0..<40))
      // The output alone can be made again from the answers.
      try FileManager.default.removeItem(atPath: output)
      let anew = try await Self.captioner(server, options).run(table, output: output)
      #expect(anew.rowCount == 40 && server.requestCount == 40)
      #expect(try jsonObjects(output).map { $0["input_row"] as? Int } == Array(0..<40))
    }
  }

  @Test func aCutRunGoesOnWhereItEnded() async throws {
    try await withTemporaryFolder { folder in
      let output = folder.appending(path: "out.jsonl").path
      let table = try Self.input(folder, 20)
      let failing = try Server { number, _ in
        number < 30 ? .answer(Self.forms) : .status(401, body: "enough")
      }
      await #expect(throws: ChatError.self) {
        try await Self.captioner(failing, Self.options()).run(table, output: output)
      }
      failing.close()
      // Half a line each, as a killed process leaves them.
      for path in [output, AnswerJournal.path(besides: output)] {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("{\"row\": 3, \"instr".utf8))
        try file.close()
      }
      let server = try Server { _, _ in .answer(Self.forms) }
      defer { server.close() }
      let plan = try PseudoCaptioner.plan(table, options: Self.options(), output: output)
      #expect(plan.answeredCount == 30 && plan.requestCount == 50)
      _ = try await Self.captioner(server, Self.options()).run(table, output: output)
      #expect(server.requestCount == 50)
      let rows = try jsonObjects(output)
      #expect(Set(rows.compactMap { $0["input_row"] as? Int }) == Set(0..<20))
      #expect(rows.allSatisfy { $0["caption_summary"] is String })
      let asked = (failing.requests.prefix(30) + server.requests).map(\.content)
      #expect(Set(asked).count == 80)
    }
  }

  @Test func cancellingKeepsWhatIsOnItsWay() async throws {
    try await withTemporaryFolder { folder in
      let output = folder.appending(path: "out.jsonl").path
      let table = try Self.input(folder, 50)
      let server = try Server { _, _ in .answer(Self.forms, after: 0.1) }
      defer { server.close() }
      let captioner = try Self.captioner(server, Self.options([.summary]))
      let work = Task { try await captioner.run(table, output: output) }
      while server.requestCount < 6 { try await Task.sleep(for: .milliseconds(5)) }
      work.cancel()
      await #expect(throws: CancellationError.self) { try await work.value }
      let asked = server.requestCount
      #expect(asked < 50)
      #expect(try jsonObjects(AnswerJournal.path(besides: output)).count == 1 + asked)
    }
  }

  @Test func otherSettingsOrAnothersFileAreRefused() async throws {
    try await withTemporaryFolder { folder in
      let server = try Server { _, _ in .answer(Self.forms) }
      defer { server.close() }
      let output = folder.appending(path: "out.jsonl").path
      let table = try Self.input(folder, 3)
      let options = Self.options([.writing])
      _ = try await Self.captioner(server, options).run(table, output: output)
      func expectOtherSettings(_ name: String, _ body: () async throws -> Void) async {
        do {
          try await body()
          Issue.record("no error for another \(name)")
        } catch let error as PseudoCaptionError {
          guard case .otherSettings(let found, _, _) = error.reason else {
            Issue.record(error)
            return
          }
          #expect(found == name)
        } catch {
          Issue.record(error)
        }
      }
      await expectOtherSettings("model") {
        _ = try await Self.captioner(server, options, model: "large").run(table, output: output)
      }
      await expectOtherSettings("tags") {
        var shuffled = options
        shuffled.shuffleSeed = 1
        _ = try await Self.captioner(server, shuffled).run(table, output: output)
      }
      await expectOtherSettings("input") {
        _ = try await Self.captioner(server, options)
          .run(try Self.input(folder, 4), output: output)
      }
      #expect(server.requestCount == 3)

      let theirs = folder.appending(path: "theirs.jsonl")
      try Data("{\"a\": 1}".utf8).write(to: theirs)
      await #expect(throws: PseudoCaptionError(.foreignOutput, file: theirs.path)) {
        _ = try await Self.captioner(server, options).run(table, output: theirs.path)
      }
      #expect(try String(contentsOf: theirs, encoding: .utf8) == "{\"a\": 1}")
      #expect(throws: PseudoCaptionError.self) {
        _ = try BaselineCaptioner(.template, options: options).run(table, output: output)
      }
    }
  }

  @Test func twoProcessesDoNotShareAnOutput() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "out.jsonl").path
      let lines = try DurableLines(path: path, isSynchronized: true)
      #expect(throws: PseudoCaptionError(.inUse, file: path)) {
        _ = try DurableLines(path: path, isSynchronized: true)
      }
      try await lines.append("a")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "a\n")
    }
  }

  @Test func whatCannotBeReadIsKeptAsItCame() async throws {
    try await withTemporaryFolder { folder in
      let server = try Server { _, _ in .answer { _ in "No dictionary today." } }
      defer { server.close() }
      let output = folder.appending(path: "out.jsonl").path
      let summary = try await Self.captioner(server, Self.options([.attributePrediction]))
        .run(try Self.input(folder, 2), output: output)
      #expect(summary.unparsedCount == 2)
      for row in try jsonObjects(output) {
        #expect(row["caption_attribute_prediction"] is NSNull)
        #expect(
          row["unparsed"] as? [String: String] == ["attribute_prediction": "No dictionary today."])
      }
    }
  }

  @Test func reasoningAndHalfSentencesAreNoCaptions() async throws {
    try await withTemporaryFolder { folder in
      let answers: [(text: String, finish: String)] = [
        ("<think> Okay, so the user wants a song", "length"), ("A slow waltz for", "length"),
        ("A slow waltz.", "length"), ("<thought>a</thought>A harp.</s>", "stop"), ("", "stop"),
        ("A slow", "content_filter"),
      ]
      let server = try Server { number, _ in
        let body = Server.completion(answers[number].text)
          .replacing("\"stop\"", with: "\"\(answers[number].finish)\"")
        return .status(200, body: body)
      }
      defer { server.close() }
      var options = Self.options([.writing])
      options.chat.concurrency = 1
      options.sortsOutput = true
      let output = folder.appending(path: "out.jsonl").path
      let table = try Self.input(folder, answers.count)
      let summary = try await Self.captioner(server, options).run(table, output: output)
      #expect(summary.unparsedCount == 4)
      #expect("\(summary)".hasPrefix("6 tracks written, 4 answers kept under \"unparsed\" (1 "))
      func check() throws {
        let rows = try jsonObjects(output)
        #expect(
          rows.map { $0["caption_writing"] as? String }
            == [nil, nil, "A slow waltz.", "A harp.", nil, nil])
        #expect(rows.allSatisfy { $0["caption_writing"] != nil })
        #expect(
          rows.map { ($0["unparsed"] as? [String: String])?["writing"] }
            == [answers[0].text, answers[1].text, nil, nil, "", answers[5].text])
        #expect(
          rows.map { ($0["unparsed_reason"] as? [String: String])?["writing"] } == [
            "reasoning without an end", "cut off at the limit of tokens", nil, nil, "no text",
            "cut off by the server's filter",
          ])
      }
      try check()
      // Neither a second run nor one from the answers alone asks again.
      _ = try await Self.captioner(server, options).run(table, output: output)
      try FileManager.default.removeItem(atPath: output)
      _ = try await Self.captioner(server, options).run(table, output: output)
      try check()
      #expect(server.requestCount == answers.count)
    }
  }

  @Test func anEstimateChangesNoFile() async throws {
    try await withTemporaryFolder { folder in
      let server = try Server { _, _ in .answer(Self.forms) }
      defer { server.close() }
      let output = folder.appending(path: "out.jsonl").path
      let table = try Self.input(folder, 4)
      _ = try await Self.captioner(server, Self.options()).run(table, output: output)
      let paths = [output, AnswerJournal.path(besides: output)]
      for path in paths {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("{\"row\": 3, \"instr".utf8))
        try file.close()
      }
      let before = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
      _ = try PseudoCaptioner.plan(table, options: Self.options(), output: output)
      #expect(try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) } == before)
      // Somebody else's file is refused and stays.
      try Data("mine".utf8).write(to: URL(fileURLWithPath: paths[1]))
      #expect(throws: (any Error).self) {
        try PseudoCaptioner.plan(table, options: Self.options(), output: output)
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: paths[1])) == Data("mine".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3)
    }
  }

  @Test func filteredCaptionsAreCountedAndStay() async throws {
    try await withTemporaryFolder { folder in
      let server = try Server { number, _ in
        .answer { number == 0 ? "I'm sorry, I cannot help with \($0)." : Self.forms($0) }
      }
      defer { server.close() }
      var options = Self.options([.writing])
      options.filter.filters = [.refusals]
      let output = folder.appending(path: "out.jsonl").path
      let summary = try await Self.captioner(server, options)
        .run(try Self.input(folder, 3), output: output)
      #expect(summary.rejectedCounts == [.refusals: 1] && summary.rowCount == 3)
      let rejected = try jsonObjects(output).compactMap { $0["rejected"] as? [String: Any] }
      #expect(rejected.count == 1)
      #expect((rejected.first?["writing"] as? [String: String])?["filter"] == "refusals")
    }
  }

  @Test func aTrackThatTheServerRefusesIsAskedForAgainLater() async throws {
    try await withTemporaryFolder { folder in
      let server = try Server { _, request in
        request.content.contains("tag 7") ? .status(400, body: "never") : .answer(Self.forms)
      }
      let output = folder.appending(path: "out.jsonl").path
      let table = try Self.input(folder, 10)
      do {
        _ = try await Self.captioner(server, Self.options([.writing])).run(table, output: output)
        Issue.record("no error")
      } catch let error as PseudoCaptionError {
        guard case .unanswered(count: 1, _) = error.reason else { throw error }
      }
      server.close()
      #expect(try jsonObjects(output).count == 9)
      let kinder = try Server { _, _ in .answer(Self.forms) }
      defer { kinder.close() }
      _ = try await Self.captioner(kinder, Self.options([.writing])).run(table, output: output)
      #expect(kinder.requestCount == 1)
      #expect(try jsonObjects(output).count == 10)
    }
  }

  @Test func baselinesFillATableInItsOrder() throws {
    try withTemporaryFolder { folder in
      let table = try Self.input(folder, 5)
      let output = folder.appending(path: "out.jsonl").path
      let summary = try BaselineCaptioner(.template, options: Self.options([.writing]))
        .run(table, output: output)
      #expect(summary.rowCount == 5)
      #expect(
        try jsonObjects(output).map { $0["caption_writing"] as? String }
          == (0..<5).map { "the music is characterized by tag \($0), b" })
    }
  }

  @Test func theOutputIsWhatTrainReads() throws {
    try withTemporaryFolder { folder in
      let output = folder.appending(path: "out.jsonl").path
      _ = try BaselineCaptioner(.tagConcat, options: Self.options([.summary]))
        .run(try Self.input(folder, 3), output: output)
      // The fields that the format `lp-musiccaps` needs, with the captions that it looks for.
      for row in try jsonObjects(output) {
        #expect(row["track_id"] is String && row["tag"] is [String])
        #expect(row["caption_summary"] is String)
      }
    }
  }

  @Test func tokensAndCostsAreEstimated() throws {
    try withTemporaryFolder { folder in
      let plan = try PseudoCaptioner.plan(
        try Self.input(folder, 100), options: Self.options(), output: nil)
      #expect(plan.rowCount == 100 && plan.requestCount == 400 && plan.answeredCount == 0)
      #expect((400 * 30...400 * 120).contains(plan.tokens.prompt))
      let price = TokenPrice(promptMillion: 0.5, completionMillion: 1.5)
      #expect(price.cost(of: TokenCount(prompt: 2_000_000, completion: 1_000_000)) == 2.5)
    }
  }

  @Test func tracksWithoutTagsAreLeftOutAndCounted() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "in.jsonl")
      try Data("{\"tag\": []}\n{\"tag\": [\"a\"]}\n{\"b\": 1}\n".utf8).write(to: file)
      let table = TagTable(path: file.path)
      let server = try Server { _, _ in .answer(Self.forms) }
      defer { server.close() }
      let options = Self.options([.writing])
      for summary in [
        try BaselineCaptioner(.template, options: options)
          .run(table, output: folder.appending(path: "baseline.jsonl").path),
        try await Self.captioner(server, options)
          .run(table, output: folder.appending(path: "model.jsonl").path),
      ] {
        #expect(summary.rowCount == 1 && summary.withoutTags == 2)
        #expect("\(summary)" == "1 track written, 2 without tags left out")
      }
    }
  }

  @Test func anInputWithoutTagsIsSaid() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "in.jsonl")
      try Data("{\"a\": 1}\n".utf8).write(to: file)
      #expect(throws: PseudoCaptionError.self) {
        try PseudoCaptioner.plan(
          TagTable(path: file.path), options: Self.options(), output: nil)
      }
    }
  }
}
