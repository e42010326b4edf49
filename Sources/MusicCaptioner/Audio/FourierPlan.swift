import CFFTW
import Foundation
import Synchronization

/// FFTW's plan for the spectrum of real numbers; any number of threads may use it at once.
///
/// FFTW transforms the numbers in pairs, as half as many complex ones, and `ck_power_spectrum`
/// computes the spectrum from that. FFTW's own real transform works this way too, but its second
/// part is SSE2 code that takes twice as long as the first.
///
/// Executing a plan on other arrays doesn't change it (FFTW manual, "Thread safety"); making and
/// destroying plans needs a lock.
final class FourierPlan: Sendable {
  /// cos(2π·i/size) for i up to a quarter of the size, for `ck_power_spectrum`.
  let cosines: [Float]
  let sines: [Float]

  /// FFTW's; the compiler can't know that executing it changes nothing.
  private nonisolated(unsafe) let plan: fftwf_plan
  private let pairCount: Int
  private static let planner = Mutex(())

  /// - Parameter size: The number of real values per transform, even.
  init(size: Int) {
    let pairCount = size / 2
    self.pairCount = pairCount
    let angles = (0...pairCount / 2).map { Double.pi * Double($0) / Double(pairCount) }
    cosines = angles.map { Float(cos($0)) }
    sines = angles.map { Float(sin($0)) }
    // FFTW_ESTIMATE measures nothing and leaves the arrays alone, so every run gets the same plan
    // and the same rounding. The arrays only show their alignment.
    let arrays = LogMelScratch(size: size, melCount: 0)
    let address: UInt = Self.planner.withLock { _ in
      let plan = Self.withPairs(arrays, pairCount) {
        fftwf_plan_dft_1d(Int32(pairCount), $0, $1, FFTW_FORWARD, FFTW_ESTIMATE)
      }
      return UInt(bitPattern: plan)
    }
    guard let plan = fftwf_plan(bitPattern: address) else {
      preconditionFailure("FFTW has no plan for \(pairCount) complex numbers")
    }
    self.plan = plan
  }

  deinit {
    let address = UInt(bitPattern: plan)
    Self.planner.withLock { _ in fftwf_destroy_plan(fftwf_plan(bitPattern: address)) }
  }

  /// Transforms the pairs of `scratch.frame` into `scratch.spectrum`.
  func transform(_ scratch: borrowing LogMelScratch) {
    Self.withPairs(scratch, pairCount) { fftwf_execute_dft(plan, $0, $1) }
  }

  /// Calls the body with the frame and the spectrum as FFTW's complex numbers.
  private static func withPairs<Result>(
    _ scratch: borrowing LogMelScratch, _ count: Int,
    _ body: (UnsafeMutablePointer<fftwf_complex>, UnsafeMutablePointer<fftwf_complex>) -> Result
  ) -> Result {
    scratch.frame.withMemoryRebound(to: fftwf_complex.self, capacity: count) { frame in
      scratch.spectrum.withMemoryRebound(to: fftwf_complex.self, capacity: count) { spectrum in
        body(frame, spectrum)
      }
    }
  }
}
