import MusicCaptioner

/// What `evaluate --ratings` does: what raters exported to a report, as JSON.
package struct RatingsJob: Sendable {
  package var files: [String]
  /// A true preference, less ½, to give the sample size for; some usual ones if nil.
  package var difference: Double?
  /// Bootstrap samples for intervals; as many as `ResamplingOptions` takes if nil.
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
        throw UsageError(
          "--difference", found: "\(difference)", expected: "a number from 0.001 to 0.4")
      }
      let resampling = ResamplingOptions(
        sampleCount: bootstrap ?? ResamplingOptions().sampleCount, seed: seed)
      try resampling.validate()
      var outputs = OutputGuard()
      outputs.reads(files)
      try outputs.writes(output, as: "--output")
      let report = RatingReport(
        RatingSummary(try Ratings.read(files)),
        resampling: resampling,
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
