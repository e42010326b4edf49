import ArgumentParser
import Foundation
import MusicCaptioner

/// Names of metrics with commas between.
struct MetricList: ExpressibleByArgument {
  let metrics: Set<CaptionMetric>

  init?(argument: String) {
    var metrics: Set<CaptionMetric> = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let metric = CaptionMetric(rawValue: name.trimmingCharacters(in: .whitespaces)) else {
        return nil
      }
      metrics.insert(metric)
    }
    self.metrics = metrics
  }
}
