import Foundation
import Testing

@testable import MusicCaptioner

/// Tracks without sound, each with the given tags.
private func tracks(_ tags: [[String]]) -> [Track] {
  tags.enumerated().map { index, tags in
    Track(
      id: "\(index)", audio: .samples([]), tags: tags,
      captions: [TrackCaption(.caption, "Track \(index).")])
  }
}

@Suite struct EpochSamplerTests {
  @Test func uniformEpochsAreDifferentPermutations() throws {
    let set = try TrackSet(tracks(Array(repeating: [], count: 100)))
    let sampler = EpochSampler(set, seed: 3)
    let epochs = (0..<4).map { sampler.draws(epoch: $0) }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<100)) }
    #expect(Set(epochs).count == 4)
    #expect(EpochSampler(set, seed: 3).draws(epoch: 2) == epochs[2])
    #expect(EpochSampler(set, seed: 4).draws(epoch: 2) != epochs[2])
  }

  @Test func shorterEpochsGoThroughAllTracksBeforeAnyComesAgain() throws {
    let set = try TrackSet(tracks(Array(repeating: [], count: 30)))
    let sampler = EpochSampler(set, seed: 3, drawsPerEpoch: 12)
    let draws = (0..<5).flatMap { sampler.draws(epoch: $0) }
    #expect(draws.count == 60)
    #expect(draws[..<30].sorted() == Array(0..<30))
    #expect(draws[30...].sorted() == Array(0..<30))
  }

  @Test func balancedDrawsTagsUniformlyThenTracks() throws {
    // 90 tracks have the tag "common", 10 "rare", and one of the latter "single" too.
    let tags = (0..<100).map { index in
      index == 99 ? ["rare", "single"] : index >= 90 ? ["rare"] : ["common"]
    }
    let set = try TrackSet(tracks(tags), sampling: .balanced)
    let sampler = EpochSampler(set, seed: 11, drawsPerEpoch: 30_000)
    var counts = [Int](repeating: 0, count: 100)
    for draw in sampler.draws(epoch: 0) { counts[draw] += 1 }
    // Expected: common 1/3; rare but single 9/30; single 1/3 + 1/30. Five deviations of the
    // binomial distribution are below 420.
    #expect(abs(counts[..<90].reduce(0, +) - 10_000) < 420)
    #expect(abs(counts[90..<99].reduce(0, +) - 9_000) < 420)
    #expect(abs(counts[99] - 11_000) < 420)
    // Each common track 111 times, with a deviation of 10.5.
    #expect(counts[..<90].allSatisfy { abs($0 - 111) < 60 })
    #expect(sampler.draws(epoch: 1) != sampler.draws(epoch: 0))
  }

  @Test func balancedNeedsTags() {
    #expect(throws: DataError.self) {
      try TrackSet(tracks([[], []]), sampling: .balanced)
    }
  }

  @Test func sourcesShareAnEpochBySize() throws {
    var table = TrackTable()
    for track in tracks(Array(repeating: ["t"], count: 40)) {
      let isAppended = table.append(track)
      #expect(isAppended)
    }
    let set = TrackSet(
      table: table,
      sources: [
        .init(range: 0..<10, sampling: .uniform, kinds: []),
        .init(range: 10..<40, sampling: .balanced, kinds: []),
      ], warnings: [])
    let sampler = EpochSampler(set, seed: 1, drawsPerEpoch: 8)
    let draws = (0..<5).flatMap { sampler.draws(epoch: $0) }
    #expect(draws.count == 40)
    #expect(draws.filter { $0 < 10 }.sorted() == Array(0..<10))
  }

  @Test func tagVocabularyIsTheMostFrequent() throws {
    let set = try TrackSet(tracks([["b", "a"], ["b", "c", "c"], ["a"], ["d"]]))
    let vocabulary = TagVocabulary(set, count: 3)
    #expect(vocabulary.tags == ["a", "b", "c"])
    #expect(vocabulary.places(in: set) == [1, 0, 2, nil])
  }
}

@Suite struct AugmentTests {
  private let logMel = Tensor([50, 16], (0..<800).map { Float($0) })

  private func applied(_ options: AugmentationOptions, seed: UInt64 = 1) -> Tensor {
    var random = RandomSource(seed: seed, stream: "test")
    return options.applied(to: logMel, deviation: nil, random: &random)
  }

  @Test func nothingChangesByDefault() {
    #expect(applied(AugmentationOptions()).values == logMel.values)
  }

  @Test func masksHideWholeFramesAndBands() {
    var options = AugmentationOptions()
    options.timeMasks = 2
    options.timeMaskFrames = 10
    options.frequencyMasks = 1
    options.frequencyMaskMels = 200
    let values = logMel.values
    for seed in 0..<20 {
      let result = applied(options, seed: UInt64(seed)).values
      let hidden = Set((0..<800).filter { result[$0] != values[$0] })
      #expect(hidden.allSatisfy { result[$0] == 399.5 }, "seed \(seed)")
      let frames = (0..<50).filter { frame in
        (0..<16).allSatisfy { hidden.contains(frame * 16 + $0) }
      }
      let mels = (0..<16).filter { mel in (0..<50).allSatisfy { hidden.contains($0 * 16 + mel) } }
      let covered = hidden.allSatisfy { frames.contains($0 / 16) || mels.contains($0 % 16) }
      #expect(covered, "seed \(seed)")
      if mels.count < 16 { #expect(frames.count <= 20, "seed \(seed)") }
    }
  }

  @Test func gainAddsDecibelsOverTheDeviation() {
    var options = AugmentationOptions()
    options.gainDecibels = 6
    let shift = applied(options).values[0]
    #expect(shift != 0 && abs(shift) <= 6)
    var random = RandomSource(seed: 1, stream: "test")
    let scaled = options.applied(
      to: logMel, deviation: Array(repeating: 2, count: 16), random: &random)
    #expect(abs(scaled.values[0] - shift / 2) < 1e-6)
  }

  @Test func rotationKeepsFramesInTheirRound() {
    var options = AugmentationOptions()
    options.timeRotation = true
    let result = applied(options).values
    #expect(result.sorted() == logMel.values)
    #expect(result != logMel.values)
    #expect((1..<50).count { result[$0 * 16] != result[$0 * 16 - 16] + 16 } == 1)
  }
}
