import Foundation
import Glibc
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

  /// A batch must not wait for who writes into a pipe.
  @Test func pipesInFoldersArePassedOver() throws {
    try withMusicFolder { folder in
      #expect(mkfifo(folder + "/pipe.mp3", 0o600) == 0)
      let inputs = AudioInputs([folder], isRecursive: false)
      #expect(inputs.files.map(\.relativePath) == [folder + "/a.MP3", folder + "/b.wav"])
      #expect(inputs.passedOver.files["mp3"] == 1)
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

  @Test func whatIsPassedOverIsCounted() throws {
    try withMusicFolder { folder in
      for name in ["c.JPG", "d.jpg", "README", "e.m4a", "f.npy", "a.npy", "sub/x.pdf"] {
        try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      let flat = AudioInputs([folder], isRecursive: false)
      #expect(flat.places == ["a.MP3", "b.wav", "e.m4a", "f.npy"])
      #expect(
        flat.passedOver.line
          == "5 files passed over: 2 .jpg, 1 without an ending, 1 .npy, 1 .txt; "
          + "2 folders passed over (add --recursive to look into them)")
      let deep = AudioInputs([folder], isRecursive: true)
      #expect(deep.places.suffix(2) == ["sub/c.flac", "sub/deep/d.ogg"])
      #expect(
        deep.passedOver.line
          == "6 files passed over: 2 .jpg, 1 without an ending, 1 .npy, 1 .pdf, 1 .txt; "
          + "1 link to folders passed over")
      #expect(AudioInputs([folder + "/b.wav"], isRecursive: false).passedOver.line == nil)
    }
  }

  @Test func manyKindsAreShortened() {
    var passedOver = AudioInputs.PassedOver()
    for ending in "abcdefghij" { passedOver.files[String(ending)] = 2 }
    #expect(
      passedOver.line == "20 files passed over: 2 .a, 2 .b, 2 .c, 2 .d, 2 .e, 2 .f, 2 .g, 6 others")
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
