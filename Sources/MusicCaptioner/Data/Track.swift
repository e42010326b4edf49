/// A piece of music with its captions.
public struct Track: Sendable, Equatable {
  public var id: String
  package var audio: Audio
  /// The part of the recording that the captions describe.
  package var part: Part
  /// `train`, `validation`, `test`, or the manifest's own name.
  public var split: String?
  public var tags: [String]
  package var captions: [TrackCaption]

  /// The source of the audio.
  package enum Audio: Sendable, Equatable {
    case file(path: String)
    /// Mono samples at the model's rate.
    case samples([Float])
    /// A sound file inside of a table.
    case embedded(EmbeddedFile)
  }

  /// Times in seconds.
  package struct Part: Sendable, Equatable {
    package var start = 0.0
    /// The end of the recording if infinite.
    package var end = Double.infinity
    /// Whether the file may already be just this part, cut out of the recording. Its length tells;
    /// if so, the whole file is used.
    package var mayBeCutOut = false

    package init(start: Double = 0, end: Double = .infinity, mayBeCutOut: Bool = false) {
      self.start = start
      self.end = end
      self.mayBeCutOut = mayBeCutOut
    }

    package static let whole = Part()
  }

  package init(
    id: String, audio: Audio, part: Part = .whole, split: String? = nil, tags: [String] = [],
    captions: [TrackCaption]
  ) {
    self.id = id
    self.audio = audio
    self.part = part
    self.split = split
    self.tags = tags
    self.captions = captions
  }

  /// A clip in memory, with sentences that describe it.
  ///
  /// - Parameters:
  ///   - samples: Mono, full scale ±1, at the model's rate (16 kHz unless configured otherwise).
  ///   - captions: At least one; each time the clip is drawn, one of them is drawn too.
  ///   - tags: Words for balanced sampling and for the tag loss.
  ///   - id: The clip's name in messages and sample captions.
  public init(samples: [Float], captions: [String], tags: [String] = [], id: String = "") {
    self.init(
      id: id, audio: .samples(samples), tags: tags,
      captions: captions.map { TrackCaption(.caption, $0) }
    )
  }

  /// A recording, or a part of one, in a sound file that is read when it is needed.
  ///
  /// - Parameters:
  ///   - file: The path of a file that ``AudioClip`` reads.
  ///   - start: Where the part begins, in seconds.
  ///   - end: Where it ends, in seconds; the end of the file if infinite.
  ///   - captions: At least one; each time the part is drawn, one of them is drawn too.
  ///   - tags: Words for balanced sampling and for the tag loss.
  ///   - id: The track's name in messages and sample captions; the path if empty.
  public init(
    file: String, from start: Double = 0, to end: Double = .infinity, captions: [String],
    tags: [String] = [], id: String = ""
  ) {
    self.init(
      id: id.isEmpty ? file : id, audio: .file(path: file), part: Part(start: start, end: end),
      tags: tags, captions: captions.map { TrackCaption(.caption, $0) })
  }
}

/// A sentence about a track, and what kind of caption it is.
package struct TrackCaption: Sendable, Equatable {
  package var kind: CaptionKind
  package var text: String

  package init(_ kind: CaptionKind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

/// One canonical name for the common names of a split.
package func canonicalSplit(_ name: String) -> String {
  let lowered = name.trimmingASCIIWhitespace().lowercased()
  switch lowered {
  case "train", "training", "train_track": return "train"
  case "valid", "validation", "val", "dev", "valid_track", "validation_track": return "validation"
  case "test", "testing", "eval", "evaluation", "test_track": return "test"
  default: return lowered
  }
}
