import Foundation
import Glibc
import Synchronization
import Testing

@testable import MusicCaptioner

@Suite struct AudioFileDescriptorTests {
  /// A descriptor that is closed twice takes away, now and then, what another thread has just opened.
  @Test func anUnreadableFileLeavesOtherThreadsFilesOpen() throws {
    try withTemporaryFolder { folder in
      let text = folder.appending(path: "text.flac")
      try Data("not a sound, however it is called\n".utf8).write(to: text)
      let other = folder.appending(path: "other").path
      try Data("other".utf8).write(to: URL(fileURLWithPath: other))
      let lostCount = Atomic(0)
      DispatchQueue.concurrentPerform(iterations: 4) { thread in
        for _ in 0..<5_000 {
          if thread % 2 == 0 {
            _ = try? AudioFile(text)
          } else {
            let descriptor = open(other, O_RDONLY | O_CLOEXEC)
            sched_yield()
            if close(descriptor) != 0 { lostCount.add(1, ordering: .relaxed) }
          }
        }
      }
      #expect(lostCount.load(ordering: .relaxed) == 0)
    }
  }

  @Test func noFileStaysOpen() throws {
    try withTemporaryFolder { folder in
      let sound = folder.appending(path: "sound.wav")
      try TestAudio.floatWave([0, 0.5, -0.5, 0]).write(to: sound)
      let text = folder.appending(path: "text.wav")
      try Data("not a sound\n".utf8).write(to: text)
      // A header that is refused before libsndfile sees it.
      let cutShort = folder.appending(path: "short.wav")
      try TestAudio.floatWave([0, 0.5]).prefix(11).write(to: cutShort)
      for url in [sound, text, cutShort] {
        for _ in 0..<3 { _ = try? AudioFile(url) }
        #expect(Self.openCount(of: url) == 0, "\(url.lastPathComponent)")
      }
    }
  }

  /// How many of this process's descriptors are of a file.
  private static func openCount(of url: URL) -> Int {
    var wanted = stat()
    guard stat(url.path, &wanted) == 0 else { return -1 }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return names.compactMap { Int32($0) }.count { descriptor in
      var found = stat()
      return fstat(descriptor, &found) == 0 && found.st_ino == wanted.st_ino
        && found.st_dev == wanted.st_dev
    }
  }
}
