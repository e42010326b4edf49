/// Descriptions of songs as text in one format.
extension CaptionDocument {
  /// The text that a song adds to the document.
  package mutating func add(_ song: SongDescription) -> String {
    switch format {
    case .srt, .vtt: return song.chunks.map { add($0) }.joined()
    case .text, .json, .jsonl, .csv: break
    }
    count += 1
    let json = JSONWriter.text(.object(song.fields(best: best)), style: .json)
    switch format {
    case .text:
      return (namesAudio ? oneLine(song.audio) + ": " : "") + oneLine(song.caption) + "\n"
    case .jsonl: return json + "\n"
    case .json: return (count == 1 ? "\n  " : ",\n  ") + json
    case .csv, .srt, .vtt: return CSVWriter.line(song.row)
    }
  }
}

extension SongDescription {
  /// The members of the song's object, in the order in which a person looks for them.
  ///
  /// - Parameter best: Captions of each chunk.
  package func fields(best: Int = 1) -> JSONObject {
    [
      "audio": .text(audio), "duration": .number("\(duration)"), "caption": .text(caption),
      "tags": .list(
        tags.map { .object(["tag": .text($0.tag), "score": .number("\($0.score)")]) }),
      "facts": .object(facts.fields),
      "chunks": .list(chunks.map { .object(CaptionDocument.fields($0, best: best)) }),
    ]
  }

  /// The names of a row's cells.
  static let columns = [
    "audio", "duration", "caption", "tags", "tempo", "key", "meter", "loudness",
  ]

  /// The song as a row of a table: a fact that there isn't is empty.
  var row: [String] {
    [
      audio, "\(duration)", caption, tags.map(\.tag).joined(separator: ", "),
      facts.tempo.map { "\($0.beatsPerMinute)" } ?? "",
      facts.key?.name ?? "",
      facts.meter.map { "\($0.beatsPerBar)/4" } ?? "",
      facts.loudness.map { "\($0)" } ?? "",
    ]
  }
}

extension MusicFacts {
  /// The members of the facts' object; one that there isn't is null.
  var fields: JSONObject {
    [
      "tempo": tempo.map {
        .object([
          "beats_per_minute": JSONValue($0.beatsPerMinute), "confidence": JSONValue($0.confidence),
        ])
      } ?? .null,
      "key": key.map {
        .object([
          "tonic": .text($0.tonic), "mode": .text($0.mode),
          "confidence": JSONValue($0.confidence),
        ])
      } ?? .null,
      "meter": meter.map {
        .object([
          "beats_per_bar": JSONValue($0.beatsPerBar), "confidence": JSONValue($0.confidence),
        ])
      } ?? .null,
      "loudness": loudness.map { JSONValue($0) } ?? .null,
      "silence": .object(["start": JSONValue(silence.start), "end": JSONValue(silence.end)]),
      "clipping": .object([
        "runs": JSONValue(clipping.runs), "samples": JSONValue(clipping.samples),
        "share": JSONValue(clipping.share),
      ]),
      "channels": .text(channels.rawValue),
    ]
  }
}

extension MusicFacts.Key {
  /// `D major`
  package var name: String { "\(tonic) \(mode)" }
}
