import Testing

@testable import MusicCaptioner

@Suite struct OnsetRhythmTests {
  private let frameCount = 600
  private let melCount = 8

  /// A clip in which the bands `mels` rise by `level` every `period` frames and fall off again.
  private func clicks(
    every period: Int, in mels: Range<Int>, level: Float = 20, offset: Float = 0
  ) -> Tensor {
    var values = [Float](repeating: offset, count: frameCount * melCount)
    for frame in 0..<frameCount {
      for mel in mels {
        values[frame * melCount + mel] += max(0, level - 3 * Float(frame % period))
      }
    }
    return Tensor([1, frameCount, melCount], values)
  }

  /// The autocorrelation of each group of bands: lags of 5 to 200 frames.
  private func groups(_ clip: Tensor) -> [[Float]] {
    let rhythm = OnsetRhythm(frameCount: frameCount)
    let values = rhythm(clip).values
    #expect(values.count == rhythm.width)
    return stride(from: 0, to: values.count, by: 196).map { Array(values[$0..<$0 + 196]) }
  }

  @Test(arguments: [13, 50, 97])
  func aBeatShowsAtItsPeriodAndItsMultiples(_ period: Int) throws {
    let correlation = groups(clicks(every: period, in: 0..<2))[0]
    for multiple in stride(from: period, through: 200, by: period) {
      // What is left of the clip after a shift, as a part of the whole clip.
      #expect(abs(correlation[multiple - 5] - Float(600 - multiple) / 600) < 0.05)
    }
    let between = try #require(correlation.indices.filter { ($0 + 5) % period == period / 2 }.last)
    #expect(correlation[between] < 0.1)
  }

  @Test func eachGroupOfBandsHasItsOwn() {
    let slow = clicks(every: 80, in: 0..<2)
    let fast = clicks(every: 20, in: 6..<8)
    let both = Tensor([1, frameCount, melCount], zip(slow.values, fast.values).map(+))
    let found = groups(both)
    #expect(found[0] == groups(slow)[0])
    #expect(found[3] == groups(fast)[3])
    #expect(found[1].allSatisfy { $0 == 0 })
    #expect(found[0] != found[3])
  }

  @Test func loudnessDoesNotMatter() {
    let quiet = groups(clicks(every: 40, in: 0..<8, offset: -60))
    let loud = groups(clicks(every: 40, in: 0..<8, offset: 0))
    for (a, b) in zip(quiet.joined(), loud.joined()) { #expect(abs(a - b) < 1e-3) }
  }

  @Test func silenceHasNoRhythm() {
    let silence = Tensor(repeating: -100, shape: [2, frameCount, melCount])
    #expect(OnsetRhythm(frameCount: frameCount)(silence).values.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [1, 2, 9, 11, 100])
  func shortClipsHaveFewerLags(_ frameCount: Int) {
    let rhythm = OnsetRhythm(frameCount: frameCount)
    let values = (0..<frameCount * 8).map { Float($0 % 7) }
    let found = rhythm(Tensor([1, frameCount, 8], values)).values
    #expect(found.count == rhythm.width)
    #expect(found.allSatisfy { abs($0) <= 1.001 })
  }
}
