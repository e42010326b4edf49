import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct AudioChunksTests {
  @Test func shortClipsAreFilledUpAndLongOnesCut() throws {
    let options = ChunkOptions()
    #expect(options.ranges(sampleCount: 0) == [])
    #expect(options.ranges(sampleCount: 1) == [0..<1])
    #expect(options.ranges(sampleCount: 160_000) == [0..<160_000])
    // A rest counts from one second on.
    #expect(options.ranges(sampleCount: 175_999) == [0..<160_000])
    #expect(options.ranges(sampleCount: 176_000) == [0..<160_000, 160_000..<176_000])
    #expect(
      ChunkOptions(AudioFeatureOptions(), dropPartial: true).ranges(sampleCount: 319_999) == [
        0..<160_000
      ])

    let clip = try AudioClip(
      samples: [Float](repeating: 0.5, count: 400_000), sampleRate: 16_000)
    let chunks = clip.chunks()
    #expect(chunks.map(\.start) == [0, 10, 20])
    #expect(chunks.map(\.end) == [10, 20, 25])
    #expect(chunks.allSatisfy { $0.samples.count == 160_000 })
    #expect(chunks[2].contentCount == 80_000)
    #expect(chunks[2].samples[79_999] == 0.5 && chunks[2].samples[80_000] == 0)
  }

  @Test func aMomentOfSoundIsAChunkWithAWarning() throws {
    let chunks = try AudioClip(samples: [0.5], sampleRate: 16_000).chunks()
    #expect(chunks.count == 1)
    #expect(chunks[0].warnings == [.veryShort(seconds: 1 / 16_000)])
  }

  @Test(.enabled(if: SharedData.has("parity/tiny-a")))
  func dropsWhatTheOfficialCodeDrops() throws {
    let golden = try TestAudio.json("parity/tiny-a/golden.json")
    let cases = try #require(golden["get_audio_cases"] as? [[String: Int]])
    #expect(cases.count >= 9)
    for item in cases {
      let ranges = ChunkOptions(AudioFeatureOptions(), dropPartial: true).ranges(
        sampleCount: item["samples"] ?? 0)
      #expect(ranges.count == item["chunks"])
      #expect(ranges.last?.upperBound == item["samples_used"])
    }
  }

  @Test(arguments: [(16_000, 25.0), (44_100, 11.5), (8_000, 0.3), (22_050, 20.0), (48_000, 10.4)])
  func readingChunkByChunkEqualsCuttingTheWhole(_ rate: Int, _ seconds: Double) throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "long.wav")
      try AudioClip(samples: TestAudio.music(seconds: seconds, rate: rate), sampleRate: rate)
        .writeWave(to: url)
      let options = ChunkOptions()
      let expected = try AudioClip(contentsOf: url).chunks(options)
      let reader = try AudioChunkReader(url, options)
      var count = 0
      while let chunk = try reader.next() {
        try #require(count < expected.count)
        #expect(chunk.start == expected[count].start && chunk.end == expected[count].end)
        #expect(TestAudio.largestDifference(chunk.samples, expected[count].samples) < 1e-6)
        count += 1
      }
      #expect(count == expected.count)
      #expect(try reader.next() == nil)
    }
  }

  @Test func damageIsToldWithTheChunkThatHasIt() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "damaged.flac")
      var data = try TestAudio.encoded(seconds: 30, rate: 16_000, format: .flac)
      for index in data.count / 2..<data.count / 2 + 10 { data[index] = 0 }
      try data.prefix(data.count * 9 / 10).write(to: url)
      let reader = try AudioChunkReader(url)
      var found: [[String]] = []
      while let chunk = try reader.next() {
        found.append(chunk.warnings.map(\.description))
      }
      let silent = "damaged: parts of the FLAC stream can't be decoded and are silent"
      try #require(found.map(\.count) == [0, 1, 1], "\(found)")
      #expect(found[1] == [silent] && reader.newWarnings().isEmpty)
      #expect(found[2][0].contains("the header declares 30.0 s") && !found[2][0].contains("silent"))
    }
  }

  @Test func whatIsWrongWithARestThatIsNoChunkIsTold() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "cut.wav")
      let data = TestAudio.floatWave(TestAudio.music(seconds: 20, rate: 16_000))
      try data.prefix(44 + 4 * 16_000 * 10 + 4 * 3_200).write(to: url)
      let reader = try AudioChunkReader(url)
      let first = try #require(try reader.next())
      let early = first.warnings + reader.newWarnings()
      #expect(try reader.next() == nil)
      #expect((early + reader.newWarnings()).count == 1 && reader.newWarnings().isEmpty)
    }
  }

  @Test(.enabled(if: SharedData.has("data/bad-audio")))
  func twentyFiveSecondsAreThreeChunks() throws {
    let reader = try AudioChunkReader(SharedData.url("data/bad-audio/audio/long_25s.flac"))
    var ends: [Double] = []
    while let chunk = try reader.next() { ends.append(chunk.end) }
    #expect(ends == [10, 20, 25])
  }
}
