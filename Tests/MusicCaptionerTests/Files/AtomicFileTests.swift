import Foundation
import Testing

@testable import MusicCaptioner

struct AtomicFileTests {
  private struct Stop: Error {}

  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func aFileIsReplacedAsAWhole() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "file")
      try AtomicFile.write([1, 2, 3], to: url)
      try AtomicFile.write([4], to: url)
      #expect(Array(try Data(contentsOf: url)) == [4])
      #expect(try names(folder) == ["file"])
    }
  }

  /// As a shell's `>>` opens it.
  @Test func whatIsOpenToAppendIsAppendedTo() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "file")
      try AtomicFile.write([1, 2, 3], to: url)
      let file = try Descriptor(opening: url.path, for: .appending)
      defer { file.drop() }
      for place in ["/dev/fd/\(file.number)", "/proc/self/fd/\(file.number)"] {
        try AtomicFile.write([4], to: URL(fileURLWithPath: place))
      }
      #expect(Array(try Data(contentsOf: url)) == [1, 2, 3, 4, 4])
      #expect(try names(folder) == ["file"])
    }
    for path in ["/dev/fd/", "/dev/fd/x", "/dev/fd/-1", "/dev/stdin", "dev/stdout", "/dev/fd/1/2"] {
      #expect(Descriptor(named: path) == nil)
    }
  }

  @Test func aFailureLeavesTheOldFile() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "file")
      try AtomicFile.write([1, 2, 3], to: url)
      let stop = FileError(.system("stop"), .write, "x")
      #expect(throws: stop) {
        try AtomicFile.write(to: url) { (file: FileSink) throws(FileError) in
          try file.write([9, 9])
          throw stop
        }
      }
      #expect(Array(try Data(contentsOf: url)) == [1, 2, 3])
      #expect(try names(folder) == ["file"])
    }
  }

  @Test func aFolderThatIsMissingIsNamed() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "none/file")
      let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: url) }
      #expect(error?.description == "\(url.path): can't be written: No such file or directory")
    }
  }

  @Test func aFolderAppearsAsAWholeAndReplacesTheOldOne() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "step-1")
      for content in ["old", "new"] {
        try AtomicFile.writeFolder(to: url) { inside in
          #expect(inside.lastPathComponent.hasPrefix("step-1.tmp-"))
          try Data(content.utf8).write(to: inside.appending(path: content))
          try FileManager.default.createDirectory(
            at: inside.appending(path: "deeper"), withIntermediateDirectories: false)
        }
        #expect(try names(url) == ["deeper", content])
        #expect(try names(folder) == ["step-1"])
      }
      #expect(throws: Stop.self) { try AtomicFile.writeFolder(to: url) { _ in throw Stop() } }
      #expect(try names(url) == ["deeper", "new"])
      #expect(try names(folder) == ["step-1"])
    }
  }

  /// A name may have 255 bytes, and a temporary one is longer.
  @Test func longNamesAreWritten() throws {
    try withTemporaryFolder { folder in
      let name = String(repeating: "é", count: 125) + ".json"
      let dead = String(repeating: "é", count: 100) + ".tmp-999999999-1-2"
      try Data([9]).write(to: folder.appending(path: dead))
      try AtomicFile.write([1], to: folder.appending(path: name))
      #expect(try names(folder) == [name])
    }
  }

  @Test func whatLinksLeadToIsReplaced() throws {
    try withTemporaryFolder { folder in
      func link(_ name: String, _ target: String) throws {
        try FileManager.default.createSymbolicLink(
          atPath: folder.appending(path: name).path, withDestinationPath: target)
      }
      try FileManager.default.createDirectory(
        at: folder.appending(path: "deep/er"), withIntermediateDirectories: true)
      try link("first", "deep/second")
      try link("deep/second", "../third")
      try link("loop", "loop")
      try link("deeper", "deep/er")
      try AtomicFile.write([1], to: folder.appending(path: "first"))
      // The system goes up from where the link leads.
      try AtomicFile.write([2], to: PathName.url(folder.path + "/deeper/../fourth"))
      #expect(Array(try Data(contentsOf: folder.appending(path: "third"))) == [1])
      #expect(try names(folder.appending(path: "deep")) == ["er", "fourth", "second"])
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write([1], to: folder.appending(path: "loop"))
      }
      #expect(error?.problem == "can't be written: Too many levels of symbolic links")
    }
  }

  @Test func leftoversOfDeadProcessesAreRemoved() throws {
    try withTemporaryFolder { folder in
      // No process has this number: Linux ends at 2²².
      let dead = folder.appending(path: "step-1.tmp-999999999-1-2")
      try FileManager.default.createDirectory(at: dead, withIntermediateDirectories: true)
      try Data([1]).write(to: dead.appending(path: "part"))
      let kept = ["step-1", "notes.tmp-x", "a.tmp-1-2-3"]  // process 1 is alive
      for name in kept { try Data([1]).write(to: folder.appending(path: name)) }
      try AtomicFile.writeFolder(to: folder.appending(path: "mine")) { inside in
        TemporaryFiles.removeLeftovers(in: folder)
        #expect(FileManager.default.fileExists(atPath: inside.path))
      }
      #expect(try names(folder) == (kept + ["mine"]).sorted())
    }
  }
}
