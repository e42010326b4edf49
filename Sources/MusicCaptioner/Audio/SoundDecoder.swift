/// An open stream of interleaved samples, whatever the format. ``AudioFile`` owns one.
///
/// The end is where the samples end: a declared length is a hint, because recorders that were
/// stopped, streams, cuts and joined files leave wrong ones.
protocol SoundDecoder: AnyObject {
  /// In hertz.
  var sampleRate: Int { get }
  var channelCount: Int { get }
  /// The number of frames (one sample of each channel) that the container declares; nil if it
  /// declares none.
  var declaredFrameCount: Int? { get }
  /// The duration in seconds where no frame count is declared; it may be wrong.
  var approximateSeconds: Double? { get }

  /// Moves to a frame, so that what follows is as if decoded from the beginning; false if the decoder
  /// didn't get there.
  func seek(to frame: Int) -> Bool

  /// Decodes up to `frameCount` frames of `channelCount` samples each.
  ///
  /// - Returns: The number of frames; 0 only at the end.
  func read(
    _ frameCount: Int, into samples: UnsafeMutableBufferPointer<Float>
  ) throws(AudioError) -> Int

  /// What was unusual so far.
  var warnings: [AudioWarning] { get }
}

extension SoundDecoder {
  var approximateSeconds: Double? { nil }

  /// The number of frames that are left, by decoding them.
  func countFrames() throws(AudioError) -> Int {
    var block = [Float](repeating: 0, count: 4_096 * channelCount)
    var frameCount = 0
    while true {
      let found = try block.withUnsafeMutableBufferPointer { (block) throws(AudioError) in
        try read(4_096, into: block)
      }
      if found == 0 { return frameCount }
      frameCount += found
    }
  }
}
