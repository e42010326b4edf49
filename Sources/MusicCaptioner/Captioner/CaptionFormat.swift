/// Output formats for captions.
package enum CaptionFormat: String, Sendable, CaseIterable {
  case text, json, jsonl, csv, srt, vtt

  /// Subtitles belong to one audio file.
  package var isSubtitles: Bool { self == .srt || self == .vtt }

  /// What names of files in this format end in.
  package var ending: String { self == .text ? "txt" : rawValue }
}

/// Captions as text in one format: what to write before, for, between and after them.
package struct CaptionDocument {
  package let format: CaptionFormat
  /// The number of captions per chunk, including the best one.
  package var best = 1
  /// Whether lines of plain text begin with the file name.
  package var namesAudio = false
  /// Whether it holds a description of each song instead of captions of chunks. Subtitles hold the captions of the
  /// chunks either way.
  package var holdsSongs = false

  /// The number of captions or songs so far.
  var count = 0
  /// Plain text shows times only if a file has several chunks, which is known at the second one.
  private var first: Caption?

  package init(
    _ format: CaptionFormat, best: Int = 1, namesAudio: Bool = false, holdsSongs: Bool = false
  ) {
    self.format = format
    self.best = best
    self.namesAudio = namesAudio
    self.holdsSongs = holdsSongs
  }

  package var header: String {
    switch format {
    case .text, .jsonl, .srt: ""
    case .json: "["
    case .csv where holdsSongs: CSVWriter.line(SongDescription.columns)
    case .csv:
      CSVWriter.line(
        ["audio", "start", "end", "caption", "score"]
          + (2...max(best, 2)).prefix(best - 1).flatMap { ["caption_\($0)", "score_\($0)"] })
    case .vtt: "WEBVTT\n\n"
    }
  }

  package var footer: String {
    guard format == .json else { return "" }
    return count == 0 ? "]\n" : "\n]\n"
  }

  /// The text that the caption adds to the document.
  package mutating func add(_ caption: Caption) -> String {
    count += 1
    switch format {
    case .text: return addText(caption)
    case .jsonl: return json(caption) + "\n"
    case .json: return (count == 1 ? "\n  " : ",\n  ") + json(caption)
    case .csv: return csv(caption)
    case .srt:
      return "\(count)\n\(timeRange(caption, ","))\n\(oneLine(caption.text))\n\n"
    case .vtt:
      return "\(timeRange(caption, "."))\n\(escapedForVTT(oneLine(caption.text)))\n\n"
    }
  }

  /// The text added at the end of a file.
  package mutating func endAudio() -> String {
    defer { first = nil }
    return first.map { textLine($0, withTimes: false) } ?? ""
  }

  // MARK: Plain text

  private mutating func addText(_ caption: Caption) -> String {
    if let first {
      self.first = nil
      return textLine(first, withTimes: true) + textLine(caption, withTimes: true)
    }
    if caption.start == 0 {
      first = caption
      return ""
    }
    return textLine(caption, withTimes: true)
  }

  private func textLine(_ caption: Caption, withTimes: Bool) -> String {
    var line = namesAudio ? oneLine(caption.audio) + ": " : ""
    if withTimes { line += "[\(timeRange(caption, "."))] " }
    line += oneLine(caption.text) + "\n"
    for (rank, other) in caption.alternatives.enumerated() {
      line += "  \(rank + 2). \(oneLine(other.text))\n"
    }
    return line
  }

  // MARK: JSON

  private func json(_ caption: Caption) -> String {
    JSONWriter.text(.object(Self.fields(caption, best: best)), style: .json)
  }

  /// The members of a caption's object.
  static func fields(_ caption: Caption, best: Int) -> JSONObject {
    var fields: JSONObject = [
      "audio": .text(caption.audio), "start": .number("\(caption.start)"),
      "end": .number("\(caption.end)"), "caption": .text(caption.text),
      "score": .number("\(caption.score)"), "tokens": JSONValue(caption.tokens),
    ]
    if best > 1 {
      let others = caption.alternatives.map { other in
        JSONValue.object([
          "caption": .text(other.text), "score": .number("\(other.score)"),
          "tokens": JSONValue(other.tokens),
        ])
      }
      fields.append("alternatives", .list(others))
    }
    return fields
  }

  // MARK: CSV

  private func csv(_ caption: Caption) -> String {
    var fields = [
      caption.audio, "\(caption.start)", "\(caption.end)", caption.text, "\(caption.score)",
    ]
    for rank in 0..<best - 1 {
      let hasOne = rank < caption.alternatives.count
      fields.append(hasOne ? caption.alternatives[rank].text : "")
      fields.append(hasOne ? "\(caption.alternatives[rank].score)" : "")
    }
    return CSVWriter.line(fields)
  }

  // MARK: Subtitles

  /// `00:00:10.000 --> 00:00:20.000`; plain text omits the hours if they are 0.
  private func timeRange(_ caption: Caption, _ point: String) -> String {
    let needsHours = format != .text || caption.end >= 3600
    return [caption.start, caption.end].map { seconds in
      let milliseconds = Int((seconds * 1000).rounded())
      let (minutes, rest) = (milliseconds / 60_000).quotientAndRemainder(dividingBy: 60)
      let hours = needsHours ? [twoDigits(minutes)] : []
      let fields = hours + [twoDigits(rest), twoDigits(milliseconds / 1000 % 60)]
      let fraction = String(1000 + milliseconds % 1000).dropFirst()
      return fields.joined(separator: ":") + point + fraction
    }.joined(separator: " --> ")
  }

  private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// By scalars: with a combining mark, "<" is another Character.
  private func escapedForVTT(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  /// Line breaks would end a line or a cue.
  func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
