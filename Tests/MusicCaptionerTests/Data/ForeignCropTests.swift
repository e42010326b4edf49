import CSndfile
import Foundation
import Testing

@testable import MusicCaptioner

/// Random crops of recordings whose decoder can't seek, and whose length may be unknown or wrong.
@Suite(.enabled(if: FFmpeg.isInstalled)) struct ForeignCropTests {
  private static let features: AudioFeatureOptions = {
    var features = AudioFeatureOptions()
    features.clipSeconds = 0.5
    return features
  }()

  /// The clips of a file at several positions.
  private func crops(_ url: URL) throws -> [Tensor] {
    let reader = try ClipReader(Self.features, crop: .random, cache: ClipCache(megabytes: 0))
    let tracks = try TrackSet([
      Track(id: "a", audio: .file(path: url.path), captions: [TrackCaption(.writing, "A.")])
    ])
    return try [0, 0.37, 0.81, 0.999].map {
      try reader.read(0, of: tracks.table, position: $0).logMel
    }
  }

  @Test func cropsEqualThoseOfTheOriginal() throws {
    try withTemporaryFolder { folder in
      let music = TestAudio.music(seconds: 6, rate: 48_000, channels: 2)
      let wave = folder.appending(path: "music.wav")
      #expect(
        TestAudio.write(
          music, rate: 48_000, channels: 2, format: SF_FORMAT_WAV | SF_FORMAT_PCM_16, to: wave))
      let expected = try crops(wave)
      #expect(!expected[0].isIdentical(to: expected[1]))
      for (name, arguments) in [
        ("music.m4a", ["-c:a", "alac"]), ("live.mkv", ["-c:a", "flac", "-live", "1"]),
        ("music.thd", ["-c:a", "truehd", "-strict", "-2"]),
      ] {
        #expect(try FFmpeg.run(["-i", "music.wav"] + arguments + [name], in: folder))
        let found = try crops(folder.appending(path: name))
        for (found, expected) in zip(found, expected) {
          let difference = TestAudio.largestDifference(found.values, expected.values)
          #expect(difference < 1e-3, "\(name): \(difference)")
        }
      }
    }
  }

  /// The header of what is cut short still declares its former length.
  @Test func aPromisedEndThatIsNotThereCostsNoCrop() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "music.mkv")
      let wave = folder.appending(path: "music.wav")
      let music = TestAudio.music(seconds: 6, rate: 16_000)
      #expect(
        TestAudio.write(
          music, rate: 16_000, channels: 1, format: SF_FORMAT_WAV | SF_FORMAT_PCM_16, to: wave))
      #expect(try FFmpeg.run(["-i", "music.wav", "-c:a", "flac", "music.mkv"], in: folder))
      let whole = try Data(contentsOf: file)
      try whole.prefix(whole.count / 2).write(to: file)
      let found = try crops(file)
      #expect(found.count == 4 && !found[3].isIdentical(to: found[2]))
      #expect(found.allSatisfy { $0.values.contains { $0 > -60 } })
    }
  }
}
