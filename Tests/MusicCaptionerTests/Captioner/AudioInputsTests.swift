import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct AudioInputsTests {
  private func withMusicFolder(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      for name in ["b.wav", "a.MP3", "notes.txt", ".hidden.wav", "sub/c.flac", "sub/deep/d.ogg"] {
        let url = folder.appending(path: name)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: url)
      }
      // A folder that looks like a file, and a way round in a circle.
      try FileManager.default.createDirectory(
        at: folder.appending(path: "empty.wav"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "sub/up"), withDestinationURL: folder)
      try body(folder.path)
    }
  }

  @Test func foldersGiveTheirAudioInOrder() throws {
    try withMusicFolder { folder in
      let inputs = AudioInputs(["z.xyz", folder], isRecursive: false)
      #expect(inputs.files.map(\.relativePath) == ["z.xyz", folder + "/a.MP3", folder + "/b.wav"])
      #expect(inputs.problems.isEmpty)
    }
  }

  @Test func recursionVisitsEachFolderOnce() throws {
    try withMusicFolder { folder in
      let inputs = AudioInputs([folder + "/"], isRecursive: true)
      #expect(
        inputs.files.map(\.relativePath)
          == ["/a.MP3", "/b.wav", "/sub/c.flac", "/sub/deep/d.ogg"].map { folder + $0 })
    }
  }

  @Test func aFolderWithoutAudioIsAProblem() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appending(path: "sub"), withIntermediateDirectories: true)
      let inputs = AudioInputs([folder.path], isRecursive: false)
      #expect(inputs.files.isEmpty)
      #expect(inputs.problems.map(\.reason) == [.noAudioInFolder(unvisitedFolders: 1)])
      #expect(inputs.problems.first.flatMap(advice)?.contains("--recursive") == true)
    }
  }
}
