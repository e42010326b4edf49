import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct ClipFolderTests {
  @Test func aClipIsTheSoundThatNeedsLeast() throws {
    try withTemporaryFolder { folder in
      for name in ["a.m4a", "b.npy", "c.npy", "c.mp4", "c.wav", "d_30.opus", "e.jpg"] {
        try Data().write(to: folder.appending(path: name))
      }
      let clips = try ClipFolder(path: folder.path, name: "clips")
      func file(_ video: String) -> String? {
        clips.find(video: video, start: 30, end: 40, fileName: nil).map { PathName.last($0.path) }
      }
      #expect(
        ["a", "b", "c", "d", "e"].map(file) == ["a.m4a", "b.npy", "c.wav", "d_30.opus", nil])
    }
  }
}
