import Foundation

/// Why captioning can't start, or its result can't be kept.
package struct CaptionerError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// A folder without audio; how many folders it has that weren't looked into.
    case noAudioInFolder(unvisitedFolders: Int)
    /// The system refuses to list a folder; its words.
    case unreadableFolder(String)
    /// No output has this name, or it can't be written; the system's words.
    case unwritable(String)
    /// Subtitles of several files don't fit into one.
    case subtitlesOfSeveral(format: CaptionFormat, count: Int)
    /// Two audio files whose subtitles would have the same name.
    case sameSubtitles(String, String)
    /// The model gave no numbers, or none that can be compared.
    case notFinite
  }

  /// The file or folder.
  package let place: String
  package let reason: Reason

  package init(_ reason: Reason, place: String) {
    self.place = place
    self.reason = reason
  }
}

extension CaptionerError: CustomStringConvertible, LocalizedError {
  package var errorDescription: String? { description }

  package var description: String { "\(place): \(problem)" }

  private var problem: String {
    switch reason {
    case .noAudioInFolder(let folders):
      "no audio files in this folder; expected names that end in "
        + AudioInputs.extensions.sorted().map { ".\($0)" }.joined(separator: ", ")
        + (folders > 0 ? "; to look into its \(folders) folders as well, add --recursive" : "")
    case .unreadableFolder(let why):
      "the folder can't be read: \(why)"
    case .unwritable(let why):
      "can't be written: \(why)"
    case .subtitlesOfSeveral(let format, let count):
      "\(format.rawValue) subtitles of \(count) audio files need a folder, one file for each; "
        + "expected --output FOLDER/"
    case .sameSubtitles(let first, let second):
      "both \(first) and \(second) would be written here; caption them one after another"
    case .notFinite:
      "the model's outputs are not numbers; are its weights damaged?"
    }
  }
}
