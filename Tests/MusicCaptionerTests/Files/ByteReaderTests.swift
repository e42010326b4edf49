import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct ByteReaderTests {
  @Test func filesWithoutASizeAreReadToTheirEnd() throws {
    let url = URL(fileURLWithPath: "/proc/self/status")
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    #expect(try String(decoding: ByteReader.contents(of: url), as: UTF8.self).contains("Pid:"))
  }

  @Test func whatCannotBeReadIsSaidWithItsName() throws {
    try withTemporaryFolder { folder in
      let none = folder.appending(path: "none")
      for read in [
        { (url: URL) in _ = try ByteReader(url, name: "n") },
        { (url: URL) in _ = try ByteReader.contents(of: url, name: "n") },
      ] {
        #expect(throws: FileError(.missing, .read, "n")) { try read(none) }
        #expect(throws: FileError(.isFolder, .read, "n")) {
          try read(folder)
        }
      }
    }
  }
}
