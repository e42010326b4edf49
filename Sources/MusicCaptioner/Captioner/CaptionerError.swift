import Foundation

/// Why captioning can't start, or its result can't be saved.
public struct CaptionerError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// A folder without audio; the number of its subfolders that weren't searched.
    case noAudioInFolder(unvisitedFolders: Int)
    /// A folder can't be read.
    case file(FileError)
    /// Subtitles of several files don't fit into one file.
    case subtitlesOfSeveral(format: CaptionFormat, count: Int)
    /// The model's outputs are not finite.
    case notFinite
  }

  /// The file or folder.
  public let file: String
  package let reason: Reason

  package init(_ reason: Reason, file: String) {
    self.file = file
    self.reason = reason
  }
}

extension CaptionerError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  public var description: String { "\(file): \(problem)" }

  private var problem: String {
    switch reason {
    case .noAudioInFolder:
      "no audio files in this folder; expected names such as song.wav, song.mp3 or song.m4a"
    case .file(let error):
      error.problem
    case .subtitlesOfSeveral(let format, let count):
      "\(format.rawValue) subtitles of \(count) audio files need a folder, one file for each"
    case .notFinite:
      "the model's outputs are not numbers; are its weights damaged?"
    }
  }
}
