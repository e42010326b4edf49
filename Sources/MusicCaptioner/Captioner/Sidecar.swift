import Foundation

/// Files beside a sound that the next tool reads.
package enum Sidecar: String, Sendable, CaseIterable {
  /// `song.txt` with the caption: kohya's scripts, SimpleTuner.
  case txt
  /// `song.json` with all of a description.
  case json
  /// `song.caption.txt` and `song.json` for ACE-Step 1.5, in whose data sets `song.txt` holds the lyrics.
  case aceStep = "ace-step"
  /// `song_prompt.txt` with tags for ACE-Step 1.
  case aceStepV1 = "ace-step-v1"
  /// `song.json` for MusicGen, and `data.jsonl.gz` with all sounds in the folder.
  case audiocraft
  /// `metadata.jsonl` with the captions of all sounds in the folder: Hugging Face's `datasets`.
  case audiofolder
  /// Tar archives with the sounds and a JSON object for each: WebDataset, stable-audio-tools, open_clip.
  case webdataset

  /// What the names of a sound's own files end in, in place of the sound's ending.
  package var endings: [String] {
    switch self {
    case .txt: [".txt"]
    case .json, .audiocraft: [".json"]
    case .aceStep: [".caption.txt", ".json"]
    case .aceStepV1: ["_prompt.txt"]
    case .audiofolder, .webdataset: []
    }
  }

  /// The name of the file in the folder that lists all sounds; nil if there is none.
  package var listName: String? {
    switch self {
    case .audiocraft: "data.jsonl.gz"
    case .audiofolder: "metadata.jsonl"
    case .txt, .json, .aceStep, .aceStepV1, .webdataset: nil
    }
  }

  /// Whether it is made of tags.
  package var needsTags: Bool { self == .aceStepV1 }

  /// What the sound's own files hold, in the order of ``endings``.
  ///
  /// - Parameters:
  ///   - prefix: Comes before the caption or the tags: a word that is to call up this music.
  ///   - sound: The rate and the ending of the sound.
  package func contents(
    _ song: SongDescription, prefix: String, sound: (sampleRate: Int, ending: String)
  ) -> [String] {
    let caption = Self.joined(prefix, song.caption)
    let tags = song.tags.map(\.tag)
    switch self {
    case .txt:
      return [caption + "\n"]
    case .json:
      var fields = song.fields()
      fields["caption"] = .text(caption)
      return [Self.document(fields)]
    case .aceStep:
      return [caption + "\n", Self.document(Self.aceStepFields(song, caption))]
    case .aceStepV1:
      return [([prefix].filter { !$0.isEmpty } + tags).joined(separator: ", ") + "\n"]
    case .audiocraft:
      return [Self.document(Self.audiocraftFields(song, caption, sound))]
    case .audiofolder, .webdataset:
      return []
    }
  }

  /// A sound's line in the folder's list.
  ///
  /// - Parameter path: How the list names the sound.
  package func line(
    _ song: SongDescription, prefix: String, path: String, sampleRate: Int
  ) -> JSONObject? {
    switch self {
    case .audiocraft:
      [
        "path": .text(path), "duration": JSONValue(song.duration),
        "sample_rate": JSONValue(sampleRate), "amplitude": .null, "weight": .null,
        "info_path": .null,
      ]
    case .audiofolder:
      [
        "file_name": .text(path), "caption": .text(Self.joined(prefix, song.caption)),
        "tags": JSONValue(song.tags.map(\.tag)), "duration": JSONValue(song.duration),
        "bpm": Self.beats(song), "key": song.facts.key.map { .text($0.name) } ?? .null,
      ]
    case .txt, .json, .aceStep, .aceStepV1, .webdataset:
      nil
    }
  }

  /// A caption behind a prefix.
  package static func joined(_ prefix: String, _ caption: String) -> String {
    prefix.isEmpty ? caption : "\(prefix), \(caption)"
  }

  private static func document(_ fields: JSONObject) -> String {
    JSONWriter.text(.object(fields), .report, style: .json) + "\n"
  }

  private static func beats(_ song: SongDescription) -> JSONValue {
    song.facts.tempo.map { JSONValue(Int($0.beatsPerMinute.rounded())) } ?? .null
  }

  private static func aceStepFields(_ song: SongDescription, _ caption: String) -> JSONObject {
    [
      "caption": .text(caption), "bpm": beats(song),
      "keyscale": .text(song.facts.key?.name ?? ""),
      "timesignature": .text(song.facts.meter.map { "\($0.beatsPerBar)" } ?? ""),
      // Of the lyrics, which nobody has listened to.
      "language": .text("unknown"),
    ]
  }

  private static func audiocraftFields(
    _ song: SongDescription, _ caption: String, _ sound: (sampleRate: Int, ending: String)
  ) -> JSONObject {
    [
      "key": .text(song.facts.key?.name ?? ""), "artist": .text(""),
      "sample_rate": JSONValue(sound.sampleRate), "file_extension": .text(sound.ending),
      "description": .text(caption),
      "keywords": .text(song.tags.map(\.tag).joined(separator: ", ")),
      "duration": JSONValue(song.duration), "bpm": beats(song), "genre": .text(""),
      "title": .text(""),
      "name": .text(PathName.stem(PathName.last(song.audio))), "instrument": .text(""),
      "moods": .list([]),
    ]
  }
}
