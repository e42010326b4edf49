/// Random changes to the log-mel of training clips; all off by default.
package struct AugmentationOptions: Codable, Sendable, Equatable {
  /// The number of masked spans of frames (SpecAugment, arXiv 1904.08779).
  package var timeMasks = 0
  /// The longest such span, in frames; each is uniform in 0 to this.
  package var timeMaskFrames = 100
  /// The number of masked groups of adjacent mel bands.
  package var frequencyMasks = 0
  /// The widest such group, in bands; each is uniform in 0 to this.
  package var frequencyMaskMels = 16
  /// The level changes by a value uniform in ± this, in dB.
  package var gainDecibels: Float = 0
  /// Whether a clip starts at a random frame, with the part before it moved to its end.
  package var timeRotation = false

  package init() {}

  /// Reads the keys that are present; the others keep their defaults.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try readIfPresent(values, .timeMasks, &timeMasks)
    try readIfPresent(values, .timeMaskFrames, &timeMaskFrames)
    try readIfPresent(values, .frequencyMasks, &frequencyMasks)
    try readIfPresent(values, .frequencyMaskMels, &frequencyMaskMels)
    try readIfPresent(values, .gainDecibels, &gainDecibels)
    try readIfPresent(values, .timeRotation, &timeRotation)
  }

  /// Whether nothing is changed at all.
  var isOff: Bool {
    timeMasks == 0 && frequencyMasks == 0 && gainDecibels == 0 && !timeRotation
  }

  func validate() throws(DataError) {
    for (name, value) in [
      ("time_masks", timeMasks), ("time_mask_frames", timeMaskFrames),
      ("frequency_masks", frequencyMasks), ("frequency_mask_mels", frequencyMaskMels),
    ] where !(0...1_000_000).contains(value) {
      throw DataError.option(
        "augmentation.\(name)", found: "\(value)", expected: "0 to 1000000")
    }
    guard gainDecibels.isFinite, (0...100).contains(gainDecibels) else {
      throw DataError.option(
        "augmentation.gain_decibels", found: "\(gainDecibels)", expected: "0 to 100")
    }
  }
}
