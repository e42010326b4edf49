import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct RatingAudioTests {
  @Test(arguments: [
    ("clips/one.wav", "clips/one.wav"), ("clips/one", "clips/one.wav"),
    ("one.wav", "clips/one.wav"),
    ("one", "clips/one.wav"), ("elsewhere/one.mp3", "clips/one.wav"), ("a.b", "a.b.OGG"),
    ("-abc", "[-abc]-[30-40].flac"), ("xy_z", "xy_z_30.mp3"), ("ü 1", "ü 1.opus"),
    ("notes", nil), ("three", nil), ("", nil),
  ])
  func clipsAreFoundByWhatTheyAreCalled(_ id: String, _ path: String?) throws {
    try withTemporaryFolder { folder in
      let clips = folder.appending(path: "clips")
      try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
      for name in [
        "clips/one.wav", "a.b.OGG", "[-abc]-[30-40].flac", "xy_z_30.mp3", "ü 1.opus", "notes.txt",
      ] {
        try Data([1]).write(to: folder.appending(path: name))
      }
      let found = try RatingAudio(folder: folder.path).file(of: id)
      #expect(found?.url.path == path.map { folder.appending(path: $0).path })
    }
  }

  @Test func linksLeadFromThePageToTheFile() {
    func link(_ file: String, _ base: String) -> String {
      RatingAudio.link(
        to: URL(fileURLWithPath: file), from: URL(fileURLWithPath: base, isDirectory: true))
    }
    #expect(link("/data/pages/a/one.wav", "/data/pages") == "a/one.wav")
    #expect(
      link("/data/a/[x]-[1-2] #?.wav", "/data/pages/") == "../a/%5Bx%5D-%5B1-2%5D%20%23%3F.wav")
  }
}
