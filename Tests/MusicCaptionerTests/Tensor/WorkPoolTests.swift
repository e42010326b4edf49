import CKernels
import Synchronization
import Testing

@testable import MusicCaptioner

struct WorkPoolTests {
  @Test func manyShortLoopsEachRunEveryIndexOnce() {
    // More threads than processors, so that workers are interrupted at awkward moments: one that
    // still refers to a loop's body when the loop returns stops the process.
    let pool = WorkPool(threadCount: 8)
    let counts = [2, 3, 8, 17]
    for round in 0..<5_000 {
      let count = counts[round % counts.count]
      let sum = Atomic(0)
      pool.forEach(count) { sum.add(1 << ($0 * 2), ordering: .relaxed) }
      let expected = (0..<count).reduce(0) { $0 + 1 << ($1 * 2) }
      #expect(sum.load(ordering: .relaxed) == expected)
    }
  }

  @Test func aLoopInsideALoopRunsOnItsThread() {
    let sum = Atomic(0)
    let pool = WorkPool(threadCount: 3)
    pool.forEach(5) { outer in
      pool.forEach(4) { inner in sum.add(outer * inner, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == 60)
  }

  /// A step of training took three and a half times as long on a processor that computes with
  /// subnormal numbers in microcode.
  @Test(arguments: [1, 2, 8])
  func subnormalNumbersAreZeroInsideALoopAndKeptOutside(threadCount: Int) {
    let half: @Sendable (Float) -> Float = { value in
      var product = value
      ck_scale(&product, [value], 0.5, 1)
      return product
    }
    let pool = WorkPool(threadCount: threadCount)
    let kept = Atomic(0)
    #expect(half(.leastNormalMagnitude) > 0)
    pool.forEach(16) { _ in
      if half(.leastNormalMagnitude) != 0 { kept.add(1, ordering: .relaxed) }
      if half(.leastNormalMagnitude.nextDown) != 0 { kept.add(1, ordering: .relaxed) }
      pool.forEach(2) { _ in }
      if half(.leastNormalMagnitude) != 0 { kept.add(1, ordering: .relaxed) }
    }
    #expect(kept.load(ordering: .relaxed) == 0)
    #expect(half(.leastNormalMagnitude) > 0)
  }
}
