import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct TensorBoardWriterTests {
  private static let time = 1_700_000_000.25

  /// The events of Fixtures/tensorboard/make_golden.py, which wrote them with TensorBoard itself.
  @Test func theFileIsThatOfTensorBoardsOwnWriter() throws {
    try withTemporaryFolder { folder in
      let writer = try TensorBoardWriter(
        folder: folder, resumingFrom: 1_000, host: "host", now: { Self.time })
      try writer.write(
        MetricsLine(
          step: 1_010, epoch: 2.5, time: 100, loss: 3.125, tagLoss: 0, learningRate: 4.5e-4,
          gradientNorm: .infinity, examplesPerSecond: 61.25, tokensPerSecond: 2_400,
          validationLoss: 2.75, extra: ["bleu4": 0.125, "train_skipped": 3]))
      let caption =
        "a slow café ballad for piano, 静かな夜 🎹, " + String(repeating: "and more ", count: 20)
      try writer.writeSample(
        clip: "clips/1.wav", caption: caption, reference: "a piano ballad", step: 1_010)
      try writer.writeSample(clip: "2", caption: "", reference: nil, step: 5_000_000_000)
      let golden = try Data(contentsOf: Fixtures.url("tensorboard/golden.tfevents"))
      #expect(try Data(contentsOf: writer.url) == golden)
    }
  }

  @Test func aNewRunHasNoMarkOfARestart() throws {
    try withTemporaryFolder { folder in
      let writer = try TensorBoardWriter(folder: folder, host: "host", now: { Self.time })
      let golden = try Data(contentsOf: Fixtures.url("tensorboard/golden.tfevents"))
      let content = try Data(contentsOf: writer.url)
      #expect(content == golden.prefix(content.count))
      #expect(content.count == 8 + 4 + 24 + 4)
    }
  }

  @Test func eachSessionHasAFileOfItsOwnInTheOrderOfTheirNames() throws {
    try withTemporaryFolder { folder in
      let early = try TensorBoardWriter(folder: folder, host: "host", now: { 5 })
      let first = try TensorBoardWriter(folder: folder, host: "host", now: { Self.time })
      let second = try TensorBoardWriter(
        folder: folder, resumingFrom: 3, host: "host", now: { Self.time })
      let names = [early, first, second].map(\.url.lastPathComponent)
      #expect(
        names == [
          "events.out.tfevents.0000000005.host", "events.out.tfevents.1700000000.host",
          "events.out.tfevents.1700000000.host.1",
        ])
      #expect(names == names.sorted())
    }
  }

  @Test(arguments: [("", "localhost"), ("my/../host", "my----host"), ("ho st\n", "ho-st-")])
  func anyHostNameMakesAFileName(host: String, part: String) throws {
    try withTemporaryFolder { folder in
      let writer = try TensorBoardWriter(folder: folder, host: host, now: { .infinity })
      #expect(writer.url.lastPathComponent == "events.out.tfevents.9999999999.\(part)")
    }
  }

  /// The first start's steps are taken again, though there was no checkpoint to resume from.
  @Test func aRunThatStartsOverDropsTheStepsOfItsFirstStart() throws {
    try withTemporaryFolder { folder in
      _ = try TensorBoardWriter(folder: folder, host: "host", now: { Self.time })
      let second = try TensorBoardWriter(folder: folder, host: "host", now: { Self.time + 9 })
      let resumed = try TensorBoardWriter(
        folder: folder, resumingFrom: 0, host: "host", now: { Self.time + 99 })
      let mark = TensorBoardEvent(wallTime: Self.time + 9, step: 1, content: .restart).record
      #expect(try Array(Data(contentsOf: second.url)).suffix(mark.count) == mark[...])
      #expect(try Data(contentsOf: resumed.url).count == Data(contentsOf: second.url).count)
    }
  }

  @Test func aClockThatWentBackDoesNotChangeTheOrderOfTheFiles() throws {
    try withTemporaryFolder { folder in
      let times = [Self.time, Self.time - 5_000, Self.time - 5_000, 12]
      let names = try times.enumerated().map { index, time in
        try TensorBoardWriter(
          folder: folder, resumingFrom: index, host: "host\(9 - index)", now: { time }
        ).url.lastPathComponent
      }
      #expect(names == names.sorted() && Set(names).count == names.count, "\(names)")
    }
  }

  @Test func aFolderThatIsMissingIsAnError() throws {
    _ = try withTemporaryFolder { folder in
      #expect(throws: FileError.self) {
        _ = try TensorBoardWriter(folder: folder.appending(path: "missing"))
      }
    }
  }

  /// RFC 3720, appendix B.4, and the check value of the polynomial's catalogue entry.
  @Test func checksumsAreThoseOfTheStandard() {
    #expect(CRC32C.of([]) == 0)
    #expect(CRC32C.of(Array("123456789".utf8)) == 0xe306_9283)
    #expect(CRC32C.of(Array(repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.of(Array(repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.of(Array(0..<32)) == 0x46dd_794e)
    #expect(CRC32C.of((0..<32).reversed()) == 0x113f_db5c)
  }
}
