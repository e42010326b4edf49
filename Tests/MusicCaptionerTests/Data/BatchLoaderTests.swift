import Foundation
import Synchronization
import Testing

@testable import MusicCaptioner

/// Small features, so that a debug build is quick: 0.5 s at 4 kHz, 26 frames of 8 bands.
private let features: AudioFeatureOptions = {
  var features = AudioFeatureOptions()
  features.sampleRate = 4000
  features.fftSize = 128
  features.hopLength = 80
  features.melCount = 8
  features.highestFrequency = 2000
  features.clipSeconds = 0.5
  return features
}()

private func noise(_ count: Int, _ index: Int) -> [Float] {
  var random = RandomSource(seed: 5, stream: "noise", index: UInt64(index))
  return (0..<count).map { _ in 0.3 * random.uniform() - 0.15 }
}

/// 23 clips: shorter than a window, as long, a little longer, and much longer.
private let clips: [Track] = (0..<23).map { index in
  let count = [900, 2000, 3500, 12_000][index % 4]
  return Track(
    id: "clip \(index)", audio: .samples(noise(count, index)), tags: ["t\(index % 3)", "all"],
    captions: [
      TrackCaption(.writing, "Clip number \(index), written."),
      TrackCaption(.summary, "Number \(index)."),
    ])
}

private func tokenizer() throws -> Tokenizer {
  try Tokenizer.learn(from: clips.flatMap { $0.captions.map(\.text) }, vocabularySize: 300)
}

private func fingerprint(_ batch: Batch) -> String {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  batch.logMel.withUnsafeBufferPointer { values in
    for value in values { hash = (hash ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01b3 }
  }
  return "\(batch.position) \(hash) \(batch.logMel.shape) \(batch.tokens) \(batch.tags) "
    + "\(batch.captions) \(batch.trackIDs)"
}

private func options(threads: Int = 2, cache: Int = 64) -> DataOptions {
  var options = DataOptions()
  options.loaderThreads = threads
  options.cacheMegabytes = cache
  options.augmentation.timeMasks = 1
  options.augmentation.timeMaskFrames = 5
  options.augmentation.gainDecibels = 3
  return options
}

private func source(
  _ options: DataOptions = options(), tracks: [Track] = clips,
  onWarning: @escaping @Sendable (DataWarning) -> Void = { _ in }
) throws -> BatchSource {
  let set = try TrackSet(tracks)
  return try .training(
    set, options: options, features: features, tokenizer: tokenizer(),
    tagVocabulary: TagVocabulary(set, count: 3), batchSize: 4, seed: 9, onWarning: onWarning)
}

private func fingerprints(_ loader: BatchLoader, _ count: Int) throws -> [String] {
  var result: [String] = []
  while result.count < count, let batch = try loader.next() { result.append(fingerprint(batch)) }
  loader.stop()
  return result
}

@Suite struct BatchLoaderTests {
  @Test func batchesHoldWhatTheySay() throws {
    let source = try source()
    #expect(source.batchesPerEpoch == 5)
    let batch = try source.batch(at: BatchPosition(epoch: 1, batch: 2))
    #expect(batch.logMel.shape == [4, 26, 8])
    #expect(!batch.logMel.values.contains { !$0.isFinite })
    for (index, track) in batch.tracks.enumerated() {
      #expect(clips[track].captions.map(\.text).contains(batch.captions[index]))
      #expect(batch.trackIDs[index] == clips[track].id)
      #expect(batch.tags[index].contains(0))
      #expect(batch.tags[index].count == (track % 3 == 2 ? 1 : 2))
      #expect(try tokenizer().decode(batch.tokens[index]) == batch.captions[index])
    }
    #expect(source.captions(at: BatchPosition(epoch: 1, batch: 2)) == batch.captions)
  }

  @Test func threadsAndCacheChangeNothing() throws {
    let expected = try (0..<12).map { index in
      let position = BatchPosition().advanced(by: index, batchesPerEpoch: 5)
      return fingerprint(try source(options(cache: 0)).batch(at: position))
    }
    #expect(Set(expected).count == 12)
    for (threads, cache) in [(1, 0), (1, 64), (2, 64), (5, 64), (3, 0)] {
      let loader = try source(options(threads: threads, cache: cache)).batches()
      #expect(try fingerprints(loader, 12) == expected, "\(threads) threads, \(cache) MB")
    }
  }

  @Test func anyPositionCanBeTakenUp() throws {
    let all = try fingerprints(source().batches(), 12)
    for first in [1, 4, 5, 9] {
      let start = BatchPosition().advanced(by: first, batchesPerEpoch: 5)
      #expect(try fingerprints(source().batches(from: start), 12 - first) == Array(all[first...]))
    }
  }

  @Test func captionsAndWindowsVaryFromEpochToEpoch() throws {
    let source = try source()
    var captions: [Int: Set<String>] = [:]
    for epoch in 0..<20 {
      for batch in 0..<5 {
        let batch = try source.batch(at: BatchPosition(epoch: epoch, batch: batch))
        for (track, caption) in zip(batch.tracks, batch.captions) {
          captions[track, default: []].insert(caption)
        }
      }
    }
    #expect(captions.values.allSatisfy { $0.count == 2 })
  }

  @Test func evaluationGoesThroughAllTracksInOrder() throws {
    let set = try TrackSet(clips)
    var options = options()
    options.crop = .random
    let source = try BatchSource.evaluation(
      set, options: options, features: features, tokenizer: tokenizer(), batchSize: 4)
    #expect(source.batchesPerEpoch == 6)
    for _ in 0..<2 {
      let loader = source.batches()
      var tracks: [Int] = []
      while let batch = try loader.next() {
        tracks += batch.tracks
        #expect(batch.captions == batch.tracks.map { clips[$0].captions[0].text })
      }
      #expect(tracks == Array(0..<23))
      #expect(try loader.next() == nil)
    }
    let few = try BatchSource.evaluation(
      set, options: options, features: features, tokenizer: tokenizer(), batchSize: 4, limit: 5)
    #expect(try few.batch(at: BatchPosition(epoch: 0, batch: 0)).tracks == [0, 4, 9, 13])
  }

  @Test func badFilesAreToldOnceAndReplacedTheSameWayEachTime() throws {
    var tracks = clips
    tracks[3].audio = .file(path: "/nonexistent/a.wav")
    tracks[8].audio = .file(path: "/nonexistent/b.wav")
    let told = Mutex<[DataWarning]>([])
    let warn: @Sendable (DataWarning) -> Void = { warning in told.withLock { $0.append(warning) } }
    let loader = try source(options(threads: 3), tracks: tracks, onWarning: warn).batches()
    let a = try fingerprints(loader, 15)
    let warnings = told.withLock { $0 }
    #expect(warnings.count == 2)
    #expect(warnings.contains { $0.description.contains("/nonexistent/a.wav") })
    #expect(try fingerprints(source(options(threads: 1), tracks: tracks).batches(), 15) == a)
    #expect(!a.contains { $0.contains("\"clip 3\"") })
    let set = try TrackSet(tracks)
    let evaluation = try BatchSource.evaluation(
      set, options: options(), features: features, tokenizer: tokenizer(), batchSize: 4)
    #expect(try evaluation.batch(at: BatchPosition()).tracks == [0, 1, 2])
  }

  @Test func aSetWithoutAReadableFileIsAnError() throws {
    let tracks = (0..<3).map { index in
      Track(
        id: "\(index)", audio: .file(path: "/nonexistent/\(index).wav"),
        captions: [TrackCaption(.caption, "X.")])
    }
    let loader = try source(tracks: tracks).batches()
    let error = #expect(throws: DataError.self) { try loader.next() }
    #expect(error?.description.contains("/nonexistent/") == true)
    #expect(try loader.next() == nil)
  }

  @Test func aSmallSetIsDecodedOnce() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "x.wav")
      try AudioClip(samples: noise(2000, 0), sampleRate: 4000).writeWave(to: url)
      var track = clips[0]
      track.audio = .file(path: url.path)
      let source = try source(tracks: [track])
      let first = try source.batch(at: BatchPosition())
      #expect(source.cacheUsage.clips == 1)
      #expect(source.cacheUsage.bytes == 26 * 8 * 4)
      try FileManager.default.removeItem(at: url)
      let again = try source.batch(at: BatchPosition())
      #expect(fingerprint(again) == fingerprint(first))
    }
  }

  @Test func partsAndWindowsComeFromTheRightPlace() throws {
    // A second of silence, then a second of noise.
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "x.wav")
      let samples = [Float](repeating: 0, count: 4000) + noise(4000, 1)
      try AudioClip(samples: samples, sampleRate: 4000).writeWave(to: url)
      func loudest(_ part: Track.Part, _ crop: CropMode = .first, at position: Float = 0) throws
        -> Float
      {
        var table = TrackTable()
        let track = Track(id: "x", audio: .file(path: url.path), part: part, captions: [])
        guard table.append(track) else { throw CocoaError(.fileReadTooLarge) }
        let reader = try ClipReader(features, crop: crop, cache: ClipCache(megabytes: 0))
        return try reader.read(0, of: table, position: position).logMel.values.max() ?? 0
      }
      #expect(try loudest(.whole) == -100)
      #expect(try loudest(Track.Part(start: 1.2, end: 1.7)) > -30)
      #expect(try loudest(Track.Part(start: 0.1, end: 0.6)) == -100)
      #expect(try loudest(.whole, .random, at: 0) == -100)
      #expect(try loudest(.whole, .random, at: 0.999) > -30)
      // A file of about the part's length is the part itself.
      #expect(try loudest(Track.Part(start: 30, end: 32, mayBeCutOut: true)) == -100)
      #expect(throws: AudioError.self) { try loudest(Track.Part(start: 30, end: 32)) }
    }
  }

  @Test func stoppingEndsTheThreadsAndTheBatches() throws {
    let source = try source()
    for _ in 0..<20 {
      let loader = source.batches()
      _ = try loader.next()
      loader.stop()
      #expect(try loader.next() == nil)
    }
    for _ in 0..<20 { _ = source.batches() }
  }
}

@Suite struct LogMelStatisticsTests {
  @Test func standardizedClipsHaveMeanZeroAndDeviationOne() throws {
    let tracks = (0..<12).map { index in
      Track(
        id: "\(index)", audio: .samples(noise(2000, index)),
        captions: [TrackCaption(.caption, "X.")])
    }
    let set = try TrackSet(tracks)
    let found = try LogMelStatistics.measure(set, features: features, seed: 1)
    #expect(found.clipCount == 12)
    #expect(found.deviation.allSatisfy { $0 > 1 && $0 < 20 })
    #expect(try LogMelStatistics.measure(set, features: features, seed: 2).mean[0].isFinite)
    var standardized = features
    standardized.mean = found.mean
    standardized.deviation = found.deviation
    let extractor = try LogMelExtractor(standardized)
    var (sum, squares, count) = (0.0, 0.0, 0.0)
    for index in 0..<12 {
      for value in extractor(noise(2000, index)).values {
        sum += Double(value)
        squares += Double(value) * Double(value)
        count += 1
      }
    }
    #expect(abs(sum / count) < 1e-3)
    #expect(abs(squares / count - 1) < 1e-3)
    #expect(try LogMelStatistics.measure(set, features: standardized, seed: 1) == found)
    #expect(try LogMelStatistics.measure(set, features: features, limit: 3, seed: 1).clipCount == 3)
  }
}
