import Foundation
import Testing

@testable import MusicCaptioner

/// Recordings that don't declare their length.
@Suite struct MeasuredLengthsTests {
  @Test func aFileIsMeasuredOnce() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "music.flac")
      var flac = try TestAudio.encoded(seconds: 6, rate: 16_000, format: .flac)
      flac[21] &= 0xF0
      for index in 22..<26 { flac[index] = 0 }
      try flac.write(to: file)
      var features = AudioFeatureOptions()
      features.clipSeconds = 0.5
      let reader = try ClipReader(features, crop: .random, cache: ClipCache(megabytes: 0))
      let tracks = try TrackSet([
        Track(id: "a", audio: .file(path: file.path), captions: [TrackCaption(.writing, "A.")])
      ])
      for position in [0, 0.5, 0.999] as [Float] {
        _ = try reader.read(0, of: tracks.table, position: position)
      }
      let known = try reader.lengths.seconds(of: 0) { () throws(AudioError) in
        throw AudioError(.empty, file: "measured again")
      }
      #expect(known == 6)
      #expect(throws: AudioError.self) {
        try reader.lengths.seconds(of: 1) { () throws(AudioError) in
          throw AudioError(.empty, file: "another one")
        }
      }
    }
  }
}
