import Testing

@testable import MusicCaptioner

/// What the next tools read, by the fields that their readers look for.
@Suite struct SidecarTests {
  private let song = SongDescription(
    audio: "songs/a.wav", duration: 30, caption: "A fast \"piano\".",
    tags: [.init(tag: "piano", score: 0.9), .init(tag: "fast tempo", score: 0.6)],
    facts: .sample(tempo: 150.4, mode: "minor", beatsPerBar: 3), chunks: [])

  private func contents(_ sidecar: Sidecar, prefix: String = "") throws -> [String] {
    sidecar.contents(song, prefix: prefix, sound: (44_100, "wav"))
  }

  private func object(_ text: String?) throws -> JSONValue {
    try JSONReader.document(Array((text ?? "").utf8), name: "x")
  }

  @Test func textIsTheCaptionBehindThePrefix() throws {
    #expect(try contents(.txt) == ["A fast \"piano\".\n"])
    #expect(try contents(.txt, prefix: "my style") == ["my style, A fast \"piano\".\n"])
    #expect(try contents(.aceStepV1, prefix: "my style") == ["my style, piano, fast tempo\n"])
  }

  @Test func aceStepsFields() throws {
    let files = try contents(.aceStep)
    #expect(Sidecar.aceStep.endings == [".caption.txt", ".json"])
    #expect(files[0] == "A fast \"piano\".\n")
    let fields = try object(files[1])
    #expect(fields["caption"] == .text("A fast \"piano\"."))
    #expect(fields["bpm"] == .number("150"))
    #expect(fields["keyscale"] == .text("D minor"))
    #expect(fields["timesignature"] == .text("3"))
    #expect(fields["language"] == .text("unknown"))
  }

  @Test func audioCraftsFields() throws {
    let fields = try object(contents(.audiocraft).first)
    for key in [
      "key", "artist", "sample_rate", "file_extension", "description", "keywords", "duration",
      "bpm",
      "genre", "title", "name", "instrument", "moods",
    ] {
      #expect(fields[key] != nil, "\(key)")
    }
    #expect(fields["sample_rate"] == .number("44100"))
    #expect(fields["description"] == .text("A fast \"piano\"."))
    #expect(fields["keywords"] == .text("piano, fast tempo"))
    #expect(fields["name"] == .text("a"))
    let line = Sidecar.audiocraft.line(song, prefix: "", path: "/x/a.wav", sampleRate: 44_100)
    #expect(line?["path"] == .text("/x/a.wav") && line?["sample_rate"] == .number("44100"))
    #expect(line?["duration"] == .number("30.0"))
  }

  @Test func factsThatThereAreNotAreEmptyOrNull() throws {
    let song = SongDescription(
      audio: "a.wav", duration: 1, caption: "A hum.", tags: [], facts: .sample(), chunks: [])
    let aceStep = try object(
      Sidecar.aceStep.contents(song, prefix: "", sound: (8_000, "wav")).last)
    #expect(aceStep["bpm"] == .null && aceStep["keyscale"] == .text(""))
    let line = Sidecar.audiofolder.line(song, prefix: "", path: "a.wav", sampleRate: 8_000)
    #expect(line?["bpm"] == .null && line?["key"] == .null && line?["file_name"] == .text("a.wav"))
  }

  @Test func gzipMembersAreReadOneAfterAnother() throws {
    let lines = ["{\"a\": 1}\n", "", String(repeating: "{\"a\": 2}\n", count: 20_000)]
    let bytes = lines.flatMap { GzipMember.storing(Array($0.utf8)) }
    var reader = try TableReader(bytes, name: "x.jsonl.gz")
    var count = 0
    while try reader.next() != nil { count += 1 }
    #expect(count == 20_001)
  }

  @Test func membersAreReadUpToTheFirstThatIsDamaged() {
    let parts = [Array("one\n".utf8), [], [UInt8](repeating: 7, count: 70_000)]
    let members = parts.map(GzipMember.storing)
    let all = Array(members.joined())
    #expect(GzipMember.stored(in: all) == Array(parts.joined()))
    for cut in [1, 9, 12, 60_000, members[2].count - 1] {
      #expect(GzipMember.stored(in: Array(all.dropLast(cut))) == parts[0], "\(cut)")
    }
    // Anything else is somebody's.
    #expect(GzipMember.stored(in: all + Array("more".utf8)) == nil)
    #expect(GzipMember.stored(in: Array("no gzip".utf8)) == nil)
  }
}
