import Foundation
import Testing

@testable import MusicCaptioner

struct FolderManifestTests {
  private func withFolder(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let inside = folder.appending(path: "deeper")
      try FileManager.default.createDirectory(at: inside, withIntermediateDirectories: true)
      try Data("weights".utf8).write(to: folder.appending(path: "model"))
      try Data("state".utf8).write(to: inside.appending(path: "state"))
      try FolderManifest(measuring: folder).write(into: folder)
      try FolderManifest.verify(folder)
      try body(folder)
    }
  }

  private func failure(_ folder: URL) throws -> CheckpointError.Reason? {
    try checkpointFailure { try FolderManifest.verify(folder) }
  }

  @Test func aChangedByteIsFound() throws {
    try withFolder { folder in
      try Data("weighty".utf8).write(to: folder.appending(path: "model"))
      guard case .checksumMismatch("model", _, _)? = try failure(folder) else {
        Issue.record("a changed file passed")
        return
      }
    }
  }

  @Test func aMissingAndAShortFileAreNamed() throws {
    try withFolder { folder in
      try Data("sta".utf8).write(to: folder.appending(path: "deeper/state"))
      #expect(try failure(folder)?.cause == .cutShort(expectedBytes: 5, foundBytes: 3))
      try FileManager.default.removeItem(at: folder.appending(path: "model"))
      #expect(try failure(folder) == .incompleteFolder(missing: ["model"]))
    }
  }

  @Test func aListThatLeavesOutAFileIsNotTrusted() throws {
    try withFolder { folder in
      try FolderManifest.verify(folder, requiring: ["model", "deeper/state"])
      try Data("{\"files\": {}}".utf8).write(to: folder.appending(path: FolderManifest.fileName))
      try FolderManifest.verify(folder)
      let problem = try checkpointFailure {
        try FolderManifest.verify(folder, requiring: ["model"])
      }
      #expect(problem == .badManifest("it has no checksum of model"))
    }
  }

  @Test func aFolderWithoutListIsNotTrusted() throws {
    try withFolder { folder in
      let list = folder.appending(path: FolderManifest.fileName)
      for (text, words) in [
        ("{", "line 1: found the end of the file"), ("[]", "found nothing in \"files\""),
        ("{\"files\": null}", "found null in \"files\""),
        ("{\"files\": {\"model\": 1}}", "found 1 for model"),
        (
          "{\"files\": {\"model\": {\"byteCount\": 1e99, \"xxh64\": \"a\"}}}",
          "found an object for model"
        ),
      ] {
        try Data(text.utf8).write(to: list)
        guard case .badManifest(let problem)? = try failure(folder) else {
          Issue.record("\(text) passed")
          continue
        }
        #expect(problem.hasPrefix(words), "\(problem)")
      }
      try FileManager.default.removeItem(at: list)
      #expect(try failure(folder)?.cause == .missing)
    }
  }
}
