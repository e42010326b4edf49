/// Random changes to the log-mel of training clips; all off by default.
public struct AugmentationOptions: Options {
  /// The number of masked spans of frames (SpecAugment, arXiv 1904.08779).
  public var timeMasks = 0
  /// The longest such span, in frames; each is uniform in 0 to this.
  public var timeMaskFrames = 100
  /// The number of masked groups of adjacent mel bands.
  public var frequencyMasks = 0
  /// The widest such group, in bands; each is uniform in 0 to this.
  public var frequencyMaskMels = 16
  /// The level changes by a value uniform in ± this, in dB.
  public var gainDecibels: Float = 0
  /// Whether a clip starts at a random frame, with the part before it moved to its end.
  public var timeRotation = false

  public init() {}

  /// Whether nothing is changed at all.
  var isOff: Bool {
    timeMasks == 0 && frequencyMasks == 0 && gainDecibels == 0 && !timeRotation
  }

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    for (key, value) in [
      (CodingKeys.timeMasks, timeMasks), (.timeMaskFrames, timeMaskFrames),
      (.frequencyMasks, frequencyMasks), (.frequencyMaskMels, frequencyMaskMels),
    ] { checks.check((0...1_000_000).contains(value), key, value, "0 to 1000000") }
    // No range contains NaN.
    checks.check((0...100).contains(gainDecibels), .gainDecibels, gainDecibels, "0 to 100")
    return checks.problems
  }
}
