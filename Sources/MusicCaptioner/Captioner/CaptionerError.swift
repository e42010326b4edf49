import Foundation

/// Why captioning can't start, or its result can't be saved.
package struct CaptionerError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// A folder without audio; the number of its subfolders that weren't searched.
    case noAudioInFolder(unvisitedFolders: Int)
    /// The system refuses to list a folder; its message.
    case unreadableFolder(String)
    /// Invalid as the name of an output, or it can't be written; the system's message.
    case unwritable(String)
    /// Subtitles of several files don't fit into one file.
    case subtitlesOfSeveral(format: CaptionFormat, count: Int)
    /// Two audio files whose subtitles would have the same name.
    case sameSubtitles(String, String)
    /// The model's outputs are not finite.
    case notFinite
    /// An option has an invalid value.
    case option(found: String, expected: String)
  }

  /// The file, folder or option.
  package let place: String
  package let reason: Reason

  package init(_ reason: Reason, place: String) {
    self.place = place
    self.reason = reason
  }

  package static func option(_ name: String, found: String, expected: String) -> CaptionerError {
    CaptionerError(.option(found: found, expected: expected), place: name)
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
    case .option(let found, let expected):
      "found \(found); expected \(expected)"
    }
  }
}
