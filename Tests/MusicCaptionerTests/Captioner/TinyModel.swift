import Foundation

@testable import MusicCaptioner

/// A model of our own, too small to mean anything by what it says, but quick, and deaf to nothing:
/// its weights are drawn so wide that each chunk gets another caption.
enum TinyModel {
  static let seconds = 2.0

  /// - Parameter change: Makes another model of it.
  static func bundle(
    seed: UInt64 = 7,
    _ change: (inout ModelConfiguration, inout AudioFeatureOptions) -> Void = { _, _ in }
  ) throws -> ModelBundle {
    let tokenizer = try Tokenizer.learn(
      from: [
        "A slow piano melody with soft strings.", "Fast drums and a loud electric guitar.",
        "The low quality recording features a flute, a bass and a choir.",
      ], vocabularySize: 300, minimumFrequency: 1)
    var configuration = ModelConfiguration()
    configuration.vocabularySize = tokenizer.vocabularySize
    configuration.maximumPositionCount = 160
    configuration.width = 16
    configuration.encoderLayerCount = 1
    configuration.decoderLayerCount = 1
    configuration.encoderHeadCount = 2
    configuration.decoderHeadCount = 2
    configuration.encoderInnerWidth = 32
    configuration.decoderInnerWidth = 32
    configuration.initialStd = 0.5
    var audio = AudioFeatureOptions()
    audio.clipSeconds = seconds
    audio.melCount = 16
    change(&configuration, &audio)
    var bundle = try ModelBundle(withoutValues: configuration, audio: audio, tokenizer: tokenizer)
    bundle.model.initialize(seed: seed)
    var decoding = DecodingOptions()
    decoding.maximumLength = 12
    try bundle.setDecodingOptions(decoding)
    return bundle
  }

  /// A gliding tone; each `seed` gives another.
  static func samples(seconds: Double, seed: Int = 0) -> [Float] {
    (0..<Int(seconds * 16_000)).map { index in
      let time = Double(index) / 16_000
      let pitch = 180 + 90 * Double(seed) + 140 * (time / 1.7).rounded(.down)
      return Float(0.5 * sin(2 * .pi * pitch * time) * sin(3 * time + Double(seed)))
    }
  }

  static func writeWave(_ url: URL, seconds: Double, seed: Int = 0) throws {
    try AudioClip(samples: samples(seconds: seconds, seed: seed), sampleRate: 16_000)
      .writeWave(to: url)
  }
}
