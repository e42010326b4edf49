import Foundation
import Testing

@testable import MusicCaptioner

/// `Docs/Labelling.md`: its commands run, with a small model and a few sounds.
@Suite struct LabellingPageTests {
  @Test func theCommandsRunInTheirOrderAndTwice() throws {
    let page = try String(contentsOf: Checkout.url("Docs/Labelling.md"), encoding: .utf8)
    let commands = page.components(separatedBy: "```sh\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }.joined()
    #expect(commands.components(separatedBy: "caption ").count == 6)
    let caption = try BuiltCommand("caption").url.path
    try withTemporaryFolder { folder in
      try TinyModel.bundle().write(to: folder.appending(path: "MODEL"))
      let music = folder.appending(path: "music/1994")
      try FileManager.default.createDirectory(at: music, withIntermediateDirectories: true)
      for (seed, name) in ["a.wav", "b's.wav"].enumerated() {
        try TinyModel.writeWave(music.appending(path: name), seconds: 5, seed: seed)
      }
      let script = "set -e\ncaption() { '\(caption)' --threads 1 \"$@\"; }\n" + commands
      try Data(script.utf8).write(to: folder.appending(path: "script"))
      let bash = try BuiltCommand(executable: URL(fileURLWithPath: "/bin/bash"))
      let first = try bash.run(["script"], in: folder)
      #expect(first.exitCode == 0, "\(first.messages)")
      let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        .filter { !$0.hasPrefix("MODEL") }
      for name in [
        "songs.jsonl", "music/data.jsonl.gz", "music/metadata.jsonl", "music/1994/b's.json",
        "shards/shard-000000.tar",
      ] {
        #expect(files.contains(name), "\(name)")
      }
      let again = try bash.run(["script"], in: folder)
      #expect(again.exitCode == 0, "\(again.messages)")
      #expect(again.messages.components(separatedBy: "2 of 2 files").count == 6)
    }
  }
}
