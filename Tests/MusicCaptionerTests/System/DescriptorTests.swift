import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct DescriptorTests {
  @Test func whatIsWrittenIsReadFromAnyPlace() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "file").path
      let file = try Descriptor(opening: path, for: .readingAndAppending)
      defer { file.drop() }
      let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
      try file.write(bytes)
      #expect(try file.status().size == bytes.count)
      #expect(try file.bytes(5, at: 3) == [3, 4, 5, 6, 7])
      #expect(try file.bytes(9, at: bytes.count - 2).count == 2)
      #expect(try file.bytes(9, at: bytes.count + 5) == [])
      try file.truncate(to: 4)
      #expect(try Descriptor(opening: path, for: .reading).bytes(9) == [0, 1, 2, 3])
      try file.synchronize()
      try file.synchronizeContent()
    }
  }

  @Test func refusalsAreTheSystemsWords() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "none/file").path
      for purpose in [Descriptor.Purpose.reading, .inspecting, .creating, .appending] {
        let failure = #expect(throws: SystemFailure.self) {
          try Descriptor(opening: path, for: purpose)
        }
        #expect(failure?.isAbsence == true)
        #expect(failure?.description == "No such file or directory")
      }
      let there = #expect(throws: SystemFailure.self) {
        try Descriptor(opening: folder.path, for: .creating)
      }
      #expect(there?.isPresence == true)
      #expect(throws: SystemFailure.self) { try FileNames.move(path, to: folder.path) }
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDiskIsSaid() throws {
    let file = try Descriptor(opening: "/dev/full", for: .writing)
    defer { file.drop() }
    let failure = #expect(throws: SystemFailure.self) { try file.write([1, 2, 3]) }
    #expect(failure?.description == "No space left on device")
  }

  @Test func aSecondLockIsRefused() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "file").path
      let first = try Descriptor(opening: path, for: .appending)
      defer { first.drop() }
      let second = try Descriptor(opening: path, for: .appending)
      defer { second.drop() }
      #expect(first.lock())
      #expect(!second.lock())
    }
  }

  @Test func aStreamIsMovedToMemoryUpToALimit() throws {
    for (count, limit, isComplete) in [(5, 10, true), (10, 10, true), (100_000, 10, false)] {
      let (reading, writing) = try Descriptor.pipe()
      defer { reading.drop() }
      let content = (0..<count).map { UInt8($0 % 251) }
      let writer = Thread {
        try? writing.write(content)
        writing.drop()
      }
      writer.start()
      let found = try reading.moveToMemory(limit: limit, writerMilliseconds: 0)
      let (file, size) = try #require(found)
      defer { file.drop() }
      #expect((size <= limit) == isComplete)
      #expect(try file.bytes(size) == Array(content.prefix(size)))
      // What is left must not keep the writer.
      while try !reading.bytes(4096).isEmpty {}
    }
    let (reading, writing) = try Descriptor.pipe()
    defer { reading.drop() }
    writing.drop()
    #expect(try reading.moveToMemory(limit: 10, writerMilliseconds: 50) == nil)
  }

  @Test func oneFileHasManyNames() throws {
    try withTemporaryFolder { folder in
      let names = ["a", "b", "c"].map { folder.appending(path: $0) }
      try Data([1]).write(to: names[0])
      try Data([1]).write(to: names[1])
      try FileManager.default.createSymbolicLink(at: names[2], withDestinationURL: names[0])
      let status = try names.map { try FileStatus(of: $0.path) }
      #expect(status[0].identity == status[2].identity)
      #expect(status[0].identity != status[1].identity)
      #expect(try FileStatus(of: folder.path).kind == .folder)
    }
  }

  @Test func filesAndFoldersAreExchanged() throws {
    try withTemporaryFolder { folder in
      let (a, b) = (folder.appending(path: "a"), folder.appending(path: "b"))
      try FileManager.default.createDirectory(at: a, withIntermediateDirectories: false)
      try Data([1]).write(to: b)
      guard FileNames.exchange(a.path, with: b.path) else { return }  // not every file system can
      #expect(try FileStatus(of: a.path).kind == .regular)
      #expect(try FileStatus(of: b.path).kind == .folder)
    }
  }
}
