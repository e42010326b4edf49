import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct FileLockTests {
  /// The process `holder` has the lock, as far as the file says, and gives it back after some milliseconds.
  private func take(
    heldBy holder: Int, releasedAfter milliseconds: UInt32
  ) throws -> Result<FileLock, FileLock.Failure> {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: ".lock").path
      let other = try Descriptor(opening: path, for: .readingAndAppending)
      #expect(other.lock())
      try other.write(Array("\(holder)\n".utf8))
      try BackgroundThread.start("holder") {
        SystemThread.sleep(milliseconds: milliseconds)
        other.drop()
      }
      return Result { () throws(FileLock.Failure) in try FileLock(path, writesProcess: true) }
    }
  }

  @Test func aLockThatAKilledProcessStillHasIsWaitedFor() throws {
    // No process has so high a number.
    let lock = try take(heldBy: 1 << 30, releasedAfter: 100)
    #expect(throws: Never.self) { try lock.get() }
  }

  @Test func aLockOfARunningProcessIsRefused() throws {
    let lock = try take(heldBy: Int(ProcessInfo.processInfo.processIdentifier), releasedAfter: 300)
    guard case .failure(.held(by: let holder)) = lock else {
      Issue.record("the lock was given away twice")
      return
    }
    #expect(holder == Int(ProcessInfo.processInfo.processIdentifier))
  }
}
