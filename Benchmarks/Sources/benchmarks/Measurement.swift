import Foundation
@_spi(Benchmarks) import MusicCaptioner

/// Something to be timed.
struct Work {
  /// What one run gets done, by the names that the peers use: tokens, clips, bytes, parameters.
  var amounts: [String: Double] = [:]
  /// Floating-point operations of one run, where that is known.
  var operations: Double?
  let run: () throws -> Void
}

/// Times runs of some work and prints what it found as JSON, a line each.
struct Measurement {
  let name: String
  let precision: ComputePrecision
  /// What this machine computes in where it is asked for `precision`.
  let computedIn: ComputePrecision
  let warmups: Int
  let inner: Int  // runs that are timed together

  private struct Sample: Encodable { let seconds: Double }
  private struct Ready: Encodable { let ready = true }

  /// Warms up, then times `repetitions` runs.
  func take(_ work: Work, repetitions: Int) throws {
    try warmUp(work)
    try printSummary(of: try (0..<repetitions).map { _ in try time(work) }, work)
  }

  /// Warms up and says so, then times one run for every line of standard input, so that another
  /// program can take turns with this one.
  func takeTurns(_ work: Work) throws {
    try warmUp(work)
    try printLine(Ready())
    var samples: [Double] = []
    while readLine() != nil {
      samples.append(try time(work))
      try printLine(Sample(seconds: samples[samples.count - 1]))
    }
    try printSummary(of: samples, work)
  }

  private func warmUp(_ work: Work) throws {
    for _ in 0..<warmups { try work.run() }
  }

  private func time(_ work: Work) throws -> Double {
    let start = ContinuousClock.now
    for _ in 0..<inner { try work.run() }
    return (ContinuousClock.now - start) / .seconds(1) / Double(inner)
  }

  private func printSummary(of samples: [Double], _ work: Work) throws {
    let sorted = samples.sorted()
    guard let minimum = sorted.first else { return }
    let middle = sorted.count / 2
    let median =
      sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    try printLine(
      Summary(
        case: name, peer: "ours", precision: precision.rawValue,
        computedIn: computedIn.rawValue, threads: WorkPool.shared.threadCount,
        seconds: median, minimum: minimum,
        p95: sorted[min(sorted.count - 1, Int(0.95 * Double(sorted.count)))], samples: samples,
        peakMemoryBytes: Self.peakMemory, isa: kernelInstructionSet,
        gflopPerSecond: work.operations.map { $0 / median / 1e9 },
        bytesPerSecond: work.amounts["bytes"].map { $0 / median }, amounts: work.amounts))
  }

  /// The keys are those of the peers' summaries.
  private struct Summary: Encodable {
    let `case`, peer, precision, computedIn: String
    let threads: Int
    let seconds, minimum, p95: Double
    let samples: [Double]
    let peakMemoryBytes: Int
    let isa: String
    let gflopPerSecond, bytesPerSecond: Double?
    let amounts: [String: Double]
  }

  private func printLine(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = .sortedKeys
    FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
  }

  /// The most memory that this process has had resident.
  private static var peakMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1_024
  }
}
