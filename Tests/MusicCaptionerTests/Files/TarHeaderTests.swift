import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct TarHeaderTests {
  @Test(arguments: [0, 1, 511, 512, 513, TarHeader.sizeLimit - 1])
  func aHeaderIsReadAsItWasWritten(size: Int) {
    let header = TarHeader(name: "00000001.wav", size: size)
    #expect(header.bytes.count == 512)
    #expect(TarHeader(header.bytes) == header)
    #expect((header.size + header.padding.count) % 512 == 0)
  }

  @Test func damageIsFound() {
    let bytes = TarHeader(name: "a.wav", size: 700).bytes
    for index in [0, 3, 124, 130, 148, 257, 400] {
      var damaged = bytes
      damaged[index] ^= 1
      #expect(TarHeader(damaged) == nil, "byte \(index)")
    }
    #expect(TarHeader([UInt8](repeating: 0, count: 512)) == nil)
    #expect(TarHeader(Array(bytes.dropLast())) == nil)
  }

  @Test func tarListsWhatIsWritten() throws {
    try withTemporaryFolder { folder in
      var archive: [UInt8] = []
      for (name, content) in [("1.json", "{}\n"), ("1.wav", String(repeating: "x", count: 1000))] {
        let header = TarHeader(name: name, size: content.utf8.count)
        archive += header.bytes + Array(content.utf8) + header.padding
      }
      try Data(archive).write(to: folder.appending(path: "x.tar"))
      let tar = try BuiltCommand(executable: URL(fileURLWithPath: "/bin/tar"))
        .run(["--list", "--file", "x.tar"], in: folder)
      #expect(tar.output == "1.json\n1.wav\n", "\(tar.messages)")
    }
  }
}
