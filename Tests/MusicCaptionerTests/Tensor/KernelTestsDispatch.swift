import CKernels
import Foundation
import Testing

@testable import MusicCaptioner

@Suite("Choice of kernels") struct KernelTestsDispatch {
  @Test func theBaselineIsAlwaysThere() {
    defer { _ = ck_set_level(ck_best_level()) }
    #expect(ck_set_level(CK_BASELINE) == 1)
    #expect(ck_current_level() == CK_BASELINE)
    #expect(ck_set_level(ck_best_level()) == 1)
    #expect(ck_current_level() == ck_best_level())
  }

  @Test func aLevelThatIsNotThereChangesNothing() {
    let before = ck_current_level()
    #expect(ck_set_level(ck_level(rawValue: 77)) == 0)
    #expect(ck_current_level() == before)
    #expect(String(cString: ck_level_name(ck_level(rawValue: 77))) == "unknown")
  }

  @Test func aChoiceHoldsForItsOwnThreadOnly() async {
    let there = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        ck_set_level(CK_BASELINE)
        continuation.resume(returning: ck_current_level().rawValue)
      }
    }
    #expect(there == CK_BASELINE.rawValue)
    #expect(ck_current_level() == ck_best_level())
  }

  @Test func levelsHaveTheNamesThatTheEnvironmentTakes() {
    let names = KernelTest.levels.map { String(cString: ck_level_name($0)) }
    #expect(names == ["baseline", "avx2", "avx512", "avx512vnni", "avx512bf16"])
  }

  @Test func atLeastOneProcessorIsFound() { #expect(ck_processor_count() >= 1) }
}
