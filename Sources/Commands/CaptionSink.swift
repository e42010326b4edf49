import MusicCaptioner

/// Where a run of `caption` writes to. All errors are those of files that can't be written.
protocol CaptionSink: AnyObject {
  /// Captions or songs written: where each file has outputs of its own, those that are complete.
  var count: Int { get }
  /// Whether each audio file has files of its own, so that one that can't be written costs no other.
  var writesFiles: Bool { get }

  func add(_ caption: Caption) throws
  func add(_ song: SongDescription) throws
  /// No more of the current audio file comes.
  ///
  /// - Parameter isComplete: Whether all of it is captioned.
  func endAudio(isComplete: Bool) throws
  /// Leaves out the current audio file.
  func abandonAudio()
  /// Writes what is still to be written.
  ///
  /// - Parameter keepsEmpty: Whether a file without any caption takes its name.
  func finish(keepsEmpty: Bool) throws
}
