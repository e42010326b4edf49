import Foundation
import Glibc
import Testing

@testable import MusicCaptioner

/// Every setting of a run with values that nobody has in mind: the command trains, or says in one line what
/// is wrong.
///
/// A few, the same each time; `MUSICCAPTIONER_EXTREMES=all` tries every value of every setting, which takes an
/// hour on two cores, and a number tries that many. `MUSICCAPTIONER_SEED` chooses which.
@Suite struct ExtremeSettingsTests {
  private static let values = [
    "-1", "0", "1", "2", "3", "1000", "65536", "4294967296", "9223372036854775807",
    "-9223372036854775808", "9223372036854775808", "0.5", "-0.5", "1e-30", "1e30", "1e300", ".inf",
    "-.inf", ".nan", "null", "\"\"", "[]", "{}",
  ]

  /// The paths of all settings, and those of an item of each list.
  private static func keys() throws -> [String] {
    var configuration = RunConfiguration()
    configuration.data.train = [DatasetOptions()]
    configuration.data.validation = [DatasetOptions()]
    configuration.synthesizedMusic = SynthesizedMusicOptions()
    var keys: [String] = []
    func add(_ node: ConfigurationNode, _ path: String) {
      if let entries = node.entries, !entries.isEmpty {
        for entry in entries { add(entry.value, path.isEmpty ? entry.key : "\(path).\(entry.key)") }
        return
      }
      keys.append(path)
      for (index, element) in (node.elements ?? []).enumerated() {
        add(element, "\(path).\(index)")
      }
    }
    add(try ConfigurationNodeEncoder.node(for: configuration), "")
    return keys
  }

  private static func trials() throws -> [(key: String, value: String)] {
    let environment = ProcessInfo.processInfo.environment
    let all = try keys().flatMap { key in values.map { (key, $0) } }
    let wanted = environment["MUSICCAPTIONER_EXTREMES"] ?? "24"
    guard wanted != "all" else { return all }
    let seed = environment["MUSICCAPTIONER_SEED"].flatMap(UInt64.init) ?? 1
    print("extreme settings: \(wanted) of \(all.count), MUSICCAPTIONER_SEED=\(seed)")
    var random = RandomSource(seed: seed, stream: "extreme settings")
    return (0..<(Int(wanted) ?? 24)).map { _ in all[random.integer(below: all.count)] }
  }

  @Test func theCommandTrainsOrSaysWhatIsWrong() throws {
    let keys = try Self.keys()
    #expect(keys.count > 100 && Set(keys).count == keys.count)
    let command = try BuiltCommand("train")
    try withTemporaryFolder { folder in
      try TinyRun.writeFiles(to: folder)
      for (key, value) in try Self.trials() {
        let run = folder.appending(path: "run")
        try? FileManager.default.removeItem(at: run)
        let running = try command.start(
          ["--config", "tiny.yaml", "--output", "run", "--set", "\(key)=\(value)"], in: folder)
        let interrupted = Task.detached {
          // A run of a million epochs is what was asked for.
          try await Task.sleep(for: .seconds(20))
          kill(running.process.processIdentifier, SIGINT)
          try await Task.sleep(for: .seconds(40))
          kill(running.process.processIdentifier, SIGKILL)
        }
        let found = try running.end()
        interrupted.cancel()
        let comment = Comment(
          rawValue: "\(key)=\(value): \(found.exitCode) \(found.messages.suffix(2000))")
        #expect([0, 1, 64, 65, 66, 74, 130].contains(found.exitCode), comment)
        #expect(found.messageLines.allSatisfy { $0.utf8.count < 1500 }, comment)
        let errors = found.messageLines.count { $0.hasPrefix("error: ") }
        #expect(errors == ([0, 130].contains(found.exitCode) ? 0 : 1), comment)
      }
    }
  }
}
