import MusicCaptioner

/// The files of captions in a folder: for each audio file, one of each format, in the places that the audio files have
/// in the folders that were named.
package struct OutputTree: Sendable {
  let folder: String
  let formats: [CaptionFormat]
  /// For each audio file, the path in the folder without the format's ending. All differ.
  private let stems: [String]

  /// - Parameters:
  ///   - folder: It is created if it is missing.
  ///   - places: Paths of the audio files in the folders that were named (`AudioInputs.places`).
  init(_ folder: String, _ formats: [CaptionFormat], places: [String]) {
    (self.folder, self.formats) = (folder, formats)
    // Standard input has no name.
    stems = Self.stems(places.map { $0 == "-" ? "stdin" : $0 })
  }

  /// The file for the captions of an audio file, by its position in the list.
  func path(_ index: Int, _ format: CaptionFormat) -> String {
    PathName.join(folder, "\(stems[index]).\(format.ending)")
  }

  /// Whether an audio file has all of its files, made after it was.
  func isDone(_ index: Int, source: String) -> Bool {
    guard let source = try? FileStatus(of: source) else { return false }
    return formats.allSatisfy { format in
      let output = try? FileStatus(of: path(index, format))
      return output.map { $0.modified >= source.modified } ?? false
    }
  }

  /// `a` for `a.wav`; where that is two files' name, `a.wav` and `a.mp3`; and where that is, too, `a.wav-2`.
  private static func stems(_ places: [String]) -> [String] {
    let short = places.map(PathName.stem)
    let counts = short.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    var taken = Set(short.filter { counts[$0] == 1 })
    return zip(places, short).map { place, short in
      if counts[short] == 1 { return short }
      var (name, number) = (place, 1)
      while !taken.insert(name).inserted {
        number += 1
        name = "\(place)-\(number)"
      }
      return name
    }
  }
}
