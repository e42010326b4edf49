import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct MetricsLogTests {
  private func text(_ url: URL) throws -> String {
    String(decoding: try Data(contentsOf: url), as: UTF8.self)
  }

  @Test func aLineHasItsKeysInTheDocumentedOrder() {
    let line = MetricsLine(
      step: 10, epoch: 0.5, time: 1.23456, loss: 3.25, tagLoss: 0.5, learningRate: 1e-05,
      gradientNorm: 2, examplesPerSecond: 61.5, tokensPerSecond: 900, validationLoss: 3,
      extra: ["bleu4": 0.25, "bleu1": 0.5])
    #expect(
      line.json.line == """
        {"step": 10, "epoch": 0.5, "time": 1.235, "loss": 3.25, "tag_loss": 0.5, \
        "learning_rate": 1e-05, "gradient_norm": 2.0, "examples_per_second": 61.5, \
        "tokens_per_second": 900.0, "validation_loss": 3.0, "bleu1": 0.5, "bleu4": 0.25}
        """)
  }

  @Test func whatWasNotMeasuredIsLeftOut() {
    let line = MetricsLine(step: 1, epoch: 0, time: 0, validationLoss: 2)
    #expect(line.json.line == #"{"step": 1, "epoch": 0.0, "time": 0.0, "validation_loss": 2.0}"#)
  }

  @Test func furtherMetricsNeverReplaceTheLinesOwn() {
    let line = MetricsLine(
      step: 1, epoch: 0, time: 0, loss: 2, extra: ["loss": 9, "step": 9, "validation_loss": 9])
    #expect(line.json.line == #"{"step": 1, "epoch": 0.0, "time": 0.0, "loss": 2.0}"#)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 5e-324, 1.7976931348623157e308, -0.0])
  func anyNumberMakesValidJSON(_ number: Double) throws {
    let line = MetricsLine(
      step: .max, epoch: number, time: number, loss: number, extra: ["bleu4": number])
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(line.json.line.utf8)) as? [String: Any])
    #expect(object.count == 5)
    for key in ["loss", "bleu4"] {
      #expect(object[key] as? Double == (number.isFinite ? number : nil))
    }
  }

  @Test func stringsSurviveTheWayThroughJSON() throws {
    let strings = [
      "", "plain", "\"quoted\" \\ back", "two\nlines\r\n\t", "\u{0}\u{1}\u{1f}\u{7f}",
      "e\u{301} 静か 🎹 \u{2028}\u{2029}",
    ]
    var line = JSONObject()
    line.set("step", 3)
    line.set("captions", strings)
    for (index, string) in strings.enumerated() { line.set("\(index)\"\n", string) }
    #expect(!line.line.contains { $0.isNewline })
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(line.line.utf8)) as? [String: Any])
    #expect(object["captions"] as? [String] == strings)
    for (index, string) in strings.enumerated() {
      #expect(object["\(index)\"\n"] as? String == string)
    }
  }

  @Test func appendingAddsWholeLinesToWhatIsThere() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "metrics.jsonl")
      try MetricsLog(url: url).append(MetricsLine(step: 1, epoch: 0, time: 0))
      try MetricsLog(url: url).append(MetricsLine(step: 2, epoch: 0, time: 0))
      #expect(
        try text(url) == """
          {"step": 1, "epoch": 0.0, "time": 0.0}
          {"step": 2, "epoch": 0.0, "time": 0.0}

          """)
    }
  }

  @Test func truncatingKeepsWholeLinesUpToTheStep() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "samples.jsonl")
      let kept = "{\"step\": 1}\n {\"caption\": \"x\", \"step\": 20} \r\n{\"step\": 7}\n"
      let dropped = "{\"step\": 21}\n\nno JSON\n{\"caption\": \"no step\"}\n{\"step\": 1e99}\n"
      for ending in ["", "{\"step\": 3, \"capt", "{\"step\": 3}"] {
        try Data((kept + dropped + ending).utf8).write(to: url)
        try JSONLinesFile(url: url).truncate(afterStep: 20)
        #expect(try text(url) == kept)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
      }
    }
  }

  @Test func truncatingTakesBytesThatAreNoText() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "metrics.jsonl")
      let kept = Array("{\"step\": 1}\n".utf8)
      try Data([0xff, 0x00, 0x0a] + kept + [0x0a, 0x80]).write(to: url)
      try MetricsLog(url: url).truncate(afterStep: 5)
      #expect(try Data(contentsOf: url) == Data(kept))
    }
  }

  @Test func truncatingWhatNeedsNoneLeavesTheFileAlone() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "metrics.jsonl")
      try MetricsLog(url: url).truncate(afterStep: 5)
      #expect(!FileManager.default.fileExists(atPath: url.path))
      try MetricsLog(url: url).append(MetricsLine(step: 5, epoch: 0, time: 0))
      let number = try FileManager.default.attributesOfItem(atPath: url.path)[.systemFileNumber]
      try MetricsLog(url: url).truncate(afterStep: 5)
      let same = try FileManager.default.attributesOfItem(atPath: url.path)[.systemFileNumber]
      #expect(number as? Int == same as? Int)
    }
  }

  @Test func aLogThatCannotBeWrittenNamesItsFile() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "missing/metrics.jsonl")
      let error = #expect(throws: FileError.self) {
        try MetricsLog(url: url).append(MetricsLine(step: 1, epoch: 0, time: 0))
      }
      #expect(error?.file == url.path)
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDiskIsAnError() throws {
    let file = AppendOnlyFile(url: URL(fileURLWithPath: "/dev/full"))
    #expect(throws: FileError.self) { try file.append([1, 2, 3]) }
  }
}
