import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct LearningRateScheduleTests {
  private let schedule = LearningRateSchedule(
    peak: 1e-3, minimum: 1e-5, warmupEpochs: 2, epochs: 10)

  @Test func itRisesInALineThenFallsInHalfACosine() {
    for (epoch, rate) in [
      (0.0, 0.0), (0.5, 2.5e-4), (1, 5e-4), (2, 1e-3),
      (4, 1e-5 + 9.9e-4 * (0.5 + 0.25 * 2.0.squareRoot())), (6, 5.05e-4), (10, 1e-5),
    ] {
      #expect(abs(schedule.rate(atEpoch: epoch) - rate) < 1e-15, "epoch \(epoch)")
    }
  }

  @Test func itStaysAtTheFloorPastTheEnd() {
    #expect(schedule.rate(atEpoch: 11) == schedule.rate(atEpoch: 10))
    #expect(schedule.rate(atEpoch: 1e9) == schedule.rate(atEpoch: 10))
  }

  @Test func withoutWarmUpItBeginsAtThePeak() {
    let schedule = LearningRateSchedule(peak: 1, minimum: 0, warmupEpochs: 0, epochs: 4)
    #expect(schedule.rate(atEpoch: 0) == 1)
    #expect(abs(schedule.rate(atEpoch: 2) - 0.5) < 1e-15)
  }

  @Test func aWarmUpLongerThanTheRunIsCutOff() {
    let schedule = LearningRateSchedule(peak: 1, minimum: 0, warmupEpochs: 8, epochs: 4)
    #expect(schedule.rate(atEpoch: 3) == 0.375)
    #expect(schedule.rate(atEpoch: 9).isFinite)
  }

  private struct Goldens: Decodable {
    struct Case: Decodable {
      let warmup_epochs, epochs, lr, min_lr: Double
      let points: [[Double]]
    }
    let lr_schedule: [Case]
  }

  @Test(.enabled(if: SharedData.has("parity/tiny-a")))
  func itEqualsTheOfficialOne() throws {
    let goldens = try JSONDecoder().decode(
      Goldens.self, from: Data(contentsOf: SharedData.url("parity/tiny-a/golden.json")))
    #expect(!goldens.lr_schedule.isEmpty)
    for golden in goldens.lr_schedule {
      let schedule = LearningRateSchedule(
        peak: golden.lr, minimum: golden.min_lr, warmupEpochs: golden.warmup_epochs,
        epochs: golden.epochs)
      for point in golden.points {
        // Double arithmetic in another order: a few units in the last place of the peak.
        let error = abs(schedule.rate(atEpoch: point[0]) - point[1])
        #expect(error < 1e-15 * golden.lr + 1e-19, "epoch \(point[0]) of \(golden)")
      }
    }
  }
}
