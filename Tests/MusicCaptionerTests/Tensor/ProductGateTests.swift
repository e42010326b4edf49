import Synchronization
import Testing

@testable import MusicCaptioner

/// How the end of the process waits for products.
@Suite struct ProductGateTests {
  @Test func closingWaitsForWhatRuns() throws {
    let gate = ProductGate()
    let hasBegun = StopFlag()
    let hasEnded = StopFlag()
    try BackgroundThread.start("product") {
      gate {
        hasBegun.raise()
        SystemThread.sleep(milliseconds: 50)
        hasEnded.raise()
      }
    }
    while !hasBegun.isRaised { SystemThread.sleep(milliseconds: 1) }
    #expect(gate.close())
    #expect(hasEnded.isRaised)
  }

  @Test func nothingPassesAfterwardsButTheThreadThatEndsTheProcess() throws {
    let gate = ProductGate()
    #expect(gate.close() && gate.close())
    #expect(gate { 7 } == 7)
    let passes = StopFlag()
    // Sleeps to the end of the tests.
    try BackgroundThread.start("latecomer") { gate { passes.raise() } }
    SystemThread.sleep(milliseconds: 50)
    #expect(!passes.isRaised)
    #expect(gate.close())
  }

  @Test func aProductThatDoesNotEndIsNotWaitedForForever() throws {
    let gate = ProductGate()
    let hasBegun = StopFlag()
    try BackgroundThread.start("stuck") {
      gate {
        hasBegun.raise()
        SystemThread.sleepForGood()
      }
    }
    while !hasBegun.isRaised { SystemThread.sleep(milliseconds: 1) }
    #expect(!gate.close(waiting: 20))
  }
}
