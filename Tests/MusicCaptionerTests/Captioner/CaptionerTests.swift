import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct CaptionerTests {
  private func captioner(
    batchSize: Int = 8, _ change: (inout DecodingOptions) -> Void = { _ in }
  ) throws -> Captioner {
    let bundle = try TinyModel.bundle()
    var options = CaptionerOptions(decoding: try bundle.decodingOptions())
    options.batchSize = batchSize
    change(&options.decoding)
    return try Captioner(bundle, options: options)
  }

  /// What happened, in short.
  private func log(_ captioner: Captioner, _ files: [URL]) -> [String] {
    var log: [String] = []
    captioner.caption(files) { event in
      switch event {
      case .caption(let caption):
        log.append("\(caption.audio) \(caption.start)-\(caption.end) \(caption.text)")
      case .warning(let audio, _): log.append("\(audio) warning")
      case .failed(let audio, _): log.append("\(audio) failed")
      case .finished(let audio): log.append("\(audio) finished")
      }
    }
    return log
  }

  @Test func aFileAndItsSamplesGetTheSameCaptions() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "song.wav")
      try TinyModel.writeWave(url, seconds: 5.5)
      let captioner = try captioner()
      let captions = try captioner.caption(url)
      #expect(captions.map(\.start) == [0, 2, 4])
      #expect(captions.map(\.end) == [2, 4, 5.5])
      #expect(Set(captions.map(\.tokens)).count == 3, "the model should tell the chunks apart")
      // A file of 16 bits rounds the samples.
      let samples = TinyModel.samples(seconds: 5.5).map { ($0 * 32_768).rounded() / 32_768 }
      #expect(try captioner.caption(samples: samples).map(\.tokens) == captions.map(\.tokens))
    }
  }

  @Test func theEndOfLongAudioIsDroppedOnRequest() throws {
    let bundle = try TinyModel.bundle()
    var options = CaptionerOptions(decoding: try bundle.decodingOptions())
    options.dropPartial = true
    let captioner = try Captioner(bundle, options: options)
    #expect(try captioner.caption(samples: TinyModel.samples(seconds: 3.9)).count == 1)
    #expect(try captioner.caption(samples: TinyModel.samples(seconds: 0.2)).count == 1)
  }

  @Test(arguments: [1, 3]) func batchesDoNotChangeEvents(batchSize: Int) throws {
    try withTemporaryFolder { folder in
      var files: [URL] = []
      for (index, seconds) in [4.0, 1.2, 7.0, 2.0].enumerated() {
        files.append(folder.appending(path: "\(index).wav"))
        try TinyModel.writeWave(files[index], seconds: seconds, seed: index)
      }
      try Data("no music".utf8).write(to: folder.appending(path: "bad.wav"))
      files.insert(folder.appending(path: "bad.wav"), at: 2)
      files.append(folder.appending(path: "missing.wav"))
      for sampling in [false, true] {
        let expected = log(try captioner(batchSize: 100) { $0.sampling = sampling }, files)
        #expect(expected.count == 8 + 4 + 2)
        let found = log(try captioner(batchSize: batchSize) { $0.sampling = sampling }, files)
        #expect(found == expected)
      }
    }
  }

  @Test func eventsCanBeAwaitedAndLeft() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appending(path: "a.wav")
    try TinyModel.writeWave(url, seconds: 4)
    let captioner = try captioner(batchSize: 1)
    var count = 0
    for await event in captioner.events(of: [url, url]) {
      if case .caption = event { count += 1 }
    }
    #expect(count == 4)
    for await _ in captioner.events(of: Array(repeating: url, count: 1000)) { break }
  }

  @Test func whatTheReceiverThrowsEndsTheWork() throws {
    struct Enough: Error {}
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.wav")
      try TinyModel.writeWave(url, seconds: 2)
      #expect(throws: Enough.self) {
        try captioner().caption([url, url, url]) { _ in throw Enough() }
      }
    }
  }

  @Test func severalBestAreOrdered() throws {
    let captioner = try captioner { $0.best = 3 }
    let caption = try #require(
      captioner.caption(samples: TinyModel.samples(seconds: 1)).first)
    #expect(caption.alternatives.count == 2)
    let scores = [caption.score] + caption.alternatives.map(\.score)
    #expect(scores == scores.sorted(by: >))
  }

  @Test func anAbsurdInputIsAnError() throws {
    let captioner = try captioner()
    #expect(throws: AudioError.self) { try captioner.caption(samples: []) }
    #expect(throws: AudioError.self) { try captioner.caption(samples: [0], sampleRate: 0) }
    #expect(throws: AudioError.self) { try captioner.caption(URL(fileURLWithPath: "/none.wav")) }
    #expect(throws: OptionError.self) { try self.captioner(batchSize: 0) }
    #expect(throws: OptionError.self) { try self.captioner { $0.beamWidth = 0 } }
  }

  @Test func aModelWithoutNumbersIsToldOfOnce() throws {
    try withTemporaryFolder { folder in
      let bundle = try TinyModel.bundle()
      for named in bundle.model.namedParameters {
        named.parameter.value = Tensor(repeating: .nan, shape: named.parameter.shape)
      }
      let url = folder.appending(path: "a.wav")
      try TinyModel.writeWave(url, seconds: 6)
      #expect(log(try Captioner(bundle), [url]) == ["\(url.path) failed"])
    }
  }

  @Test(.enabled(if: SharedData.has("parity/tiny-a")))
  func captionsEqualTheOfficialCodes() throws {
    struct Golden: Decodable {
      let official_captions: [String]
    }
    let folder = SharedData.url("parity/tiny-a")
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: folder.appending(path: "golden.json")))
    let captioner = try Captioner(
      model: folder.appending(path: "model.pth"), tokenizer: folder.appending(path: "tokenizer"))
    let captions = try ["input.wav", "short.wav"].flatMap {
      try captioner.caption(folder.appending(path: $0))
    }
    #expect(captions.map(\.text) == golden.official_captions)
  }
}
