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
}
