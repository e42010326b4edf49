import MusicCaptioner

/// What `evaluate --ratings` does: what raters exported to a report, as JSON.
package struct RatingsJob: Sendable {
  package var files: [String]
  /// A true preference, less ½, to give the sample size for; some usual ones if nil.
  package var difference: Double?
  /// Bootstrap samples for intervals; 1,000 if nil.
  package var bootstrap: Int?
  package var seed: UInt64 = 0
  /// Standard output if nil.
  package var output: String?

  package init(files: [String]) {
    self.files = files
  }

  /// Does the job, and says on standard error what goes wrong.
  package func run() -> ExitStatus {
    do {
      if let difference, !(0.001...0.4).contains(difference) {
        throw EvaluationError.option(
          "--difference", found: "\(difference)", expected: "a number from 0.001 to 0.4")
      }
      if let bootstrap, !(1...1_000_000).contains(bootstrap) {
        throw EvaluationError.option(
          "--bootstrap", found: "\(bootstrap)", expected: "a number from 1 to 1000000")
      }
      var outputs = OutputGuard()
      outputs.reads(files)
      try outputs.writes(output, as: "--output")
      let report = RatingReport(
        RatingSummary(try Ratings.read(files)),
        resampling: ResamplingOptions(sampleCount: bootstrap ?? 1000, seed: seed),
        differences: difference.map { [$0] } ?? RatingReport.standardDifferences)
      let file = try CaptionOutput(output)
      try file.write(report.json)
      try file.finish()
      return .done
    } catch {
      return Console.standard.error(error)
    }
  }
}
