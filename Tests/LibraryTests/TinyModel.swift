import MusicCaptioner

/// A model that trains within a second, of clips of a second.
enum TinyModel {
  static var sizes: ModelConfiguration {
    var sizes = ModelConfiguration()
    sizes.width = 16
    sizes.encoderLayerCount = 1
    sizes.decoderLayerCount = 1
    sizes.encoderHeadCount = 2
    sizes.decoderHeadCount = 2
    sizes.maximumPositionCount = 130
    sizes.dropout = 0
    return sizes
  }

  static var audio: AudioFeatureOptions {
    var audio = AudioFeatureOptions()
    audio.clipSeconds = 1
    audio.melCount = 16
    return audio
  }

  static func bundle() throws -> ModelBundle {
    let tokenizer = try Tokenizer.learn(from: ["A tone."], vocabularySize: 300)
    return try ModelBundle(untrained: sizes, audio: audio, tokenizer: tokenizer)
  }
}
