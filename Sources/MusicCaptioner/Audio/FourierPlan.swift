import CFFTW
import Synchronization

/// FFTW's plan of one real transform, for any number of threads at once.
///
/// `@unchecked Sendable`: executing a plan on other arrays changes nothing in it (FFTW manual,
/// "Thread safety"); making and destroying plans is what a lock has to guard.
final class FourierPlan: @unchecked Sendable {
  /// Real numbers in; `size / 2 + 1` complex ones out, as pairs.
  let size: Int

  private let plan: fftwf_plan
  private static let planner = Mutex(())

  init(size: Int) {
    self.size = size
    // FFTW_ESTIMATE measures nothing and leaves the arrays alone, so the same plan, and with it the
    // same rounding, is chosen in every run. The arrays only show their alignment.
    let arrays = LogMelScratch(size: size, melCount: 0)
    let address: UInt = Self.planner.withLock { _ in
      let plan = arrays.spectrum.withMemoryRebound(
        to: fftwf_complex.self, capacity: size / 2 + 1
      ) {
        fftwf_plan_dft_r2c_1d(Int32(size), arrays.frame, $0, FFTW_ESTIMATE)
      }
      return UInt(bitPattern: plan)
    }
    guard let plan = fftwf_plan(bitPattern: address) else {
      preconditionFailure("FFTW has no plan for \(size) real numbers")
    }
    self.plan = plan
  }

  deinit {
    let address = UInt(bitPattern: plan)
    Self.planner.withLock { _ in fftwf_destroy_plan(fftwf_plan(bitPattern: address)) }
  }

  /// Transforms `scratch.frame` into `scratch.spectrum`.
  func transform(_ scratch: borrowing LogMelScratch) {
    scratch.spectrum.withMemoryRebound(to: fftwf_complex.self, capacity: size / 2 + 1) {
      fftwf_execute_dft_r2c(plan, scratch.frame, $0)
    }
  }
}
