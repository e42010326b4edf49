import Foundation
import Testing

/// `Docs/RealModels.md`: its commands run, with a small model and a few clips in the places of the
/// downloads.
@Suite struct RealModelsPageTests {
  private static let standIn = "parity/tiny-a"

  @Test(.enabled(if: SharedData.has(standIn))) func theCommandsRunInTheirOrder() throws {
    try withTemporaryFolder { clone in
      try layOut(clone)
      let commands = try Self.commands()
      #expect(commands.map(\.name) == ["caption", "train", "evaluate", "caption"])
      for command in commands {
        // What a test has no time for. The page's own options come last and win.
        let limits = command.name == "train" ? Self.shortRun : []
        let outcome = try BuiltCommand(command.name)
          .run(limits + command.arguments + ["--threads", "1"], in: clone)
        #expect(outcome.exitCode == 0, "\(command): \(outcome.messages)")
        #expect(outcome.output.isEmpty == (command.name == "train"))
      }
    }
  }

  private struct Command {
    let name: String
    let arguments: [String]
  }

  private static let shortRun = [
    "--set", "training.maximum_steps=1", "--set", "training.batch_size=2",
  ]

  /// The page's commands that are ours, without those that pretrain on half a million tracks.
  private static func commands() throws -> [Command] {
    let page = try String(contentsOf: Checkout.url("Docs/RealModels.md"), encoding: .utf8)
    let blocks = page.components(separatedBy: "```sh\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
    let lines = blocks.joined().replacing("\\\n", with: " ").split(separator: "\n")
    return lines.compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard let name = words.first, ["caption", "train", "evaluate"].contains(name),
        !line.contains("pretrain-lp-musiccaps.yaml")
      else { return nil }
      return Command(name: name, arguments: Array(words.dropFirst()))
    }
  }

  private func layOut(_ clone: URL) throws {
    let files = FileManager.default
    func copy(_ source: URL, _ path: String) throws {
      let target = clone.appending(path: path)
      try files.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try files.copyItem(at: source, to: target)
    }
    let model = SharedData.url(Self.standIn)
    try copy(Checkout.url("Configs"), "Configs")
    for name in ["transfer.pth", "pretrain.pth"] {
      try copy(model.appending(path: "model.pth"), "models/lp-music-caps/\(name)")
    }
    try copy(
      model.appending(path: "tokenizer/tokenizer.json"), "models/lp-music-caps/tokenizer.json")
    // The official sizes need none; those of the stand-in are smaller.
    try copy(model.appending(path: "config.json"), "models/lp-music-caps/config.json")
    let sound = model.appending(path: "short.wav")
    try copy(sound, "song.mp3")
    var table = "ytid,start_s,end_s,aspect_list,caption,is_audioset_eval\n"
    for (index, split) in ["False", "False", "True"].enumerated() {
      let id = "clip-000_0\(index)0"
      table += "\(id),30,40,\"['piano', 'slow']\",A slow piano.,\(split)\n"
      try copy(sound, "data/musiccaps/audio/\(id).flac")
    }
    try Data(table.utf8).write(to: clone.appending(path: "data/musiccaps/musiccaps-public.csv"))
  }
}
