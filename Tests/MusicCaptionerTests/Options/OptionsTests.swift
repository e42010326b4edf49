import Foundation
import Testing

@testable import Commands
@testable import MusicCaptioner

/// What all options have in common.
@Suite struct OptionsTests {
  private static let types: [any Options.Type] = [
    AudioFeatureOptions.self, AugmentationOptions.self, CaptionFilterOptions.self,
    CaptionerOptions.self, ChatOptions.self, DataOptions.self,
    DatasetOptions.self, DecodingOptions.self, InstructionPrompts.self, ModelConfiguration.self,
    PseudoCaptionOptions.self, ResamplingOptions.self, RetrySchedule.self, RunConfiguration.self,
    SynthesizedMusicOptions.self, TokenizerOptions.self, TrainingOptions.self,
  ]

  private func librarySources() throws -> [(path: String, text: String)] {
    let root = Checkout.url("Sources/MusicCaptioner")
    return try FileManager.default.subpathsOfDirectory(atPath: root.path)
      .filter { $0.hasSuffix(".swift") }
      .map { ($0, try String(contentsOf: root.appending(path: $0), encoding: .utf8)) }
  }

  @Test func theListHasAllTypes() throws {
    var found: Set<String> = []
    let declaration = /^(?:package|public) struct (\w+): Options \{/.anchorsMatchLineEndings()
    for (_, text) in try librarySources() {
      for match in text.matches(of: declaration) { found.insert("\(match.1)") }
    }
    #expect(found == Set(Self.types.map { "\($0)" }))
  }

  @Test func defaultsAreValidAndSurviveWriting() throws {
    func check<Value: Options>(_ type: Value.Type) throws {
      let options = Value()
      #expect(options.problems == [], "\(type)")
      let yaml = try ConfigurationFile.yaml(options)
      #expect(try ConfigurationFile<Value>(yaml: yaml).value == options, "\(type)")
    }
    for type in Self.types { try check(type) }
  }

  /// The keys of all values, sections' behind those of the sections around them.
  private func keys(_ node: ConfigurationNode) -> [String] {
    (node.entries ?? []).flatMap { entry in
      [entry.key] + keys(entry.value).map { "\(entry.key).\($0)" }
    }
  }

  @Test func problemsNameKeysThatThereAre() throws {
    func check<Value: Options>(_ type: Value.Type) throws -> Int {
      let keys = keys(try ConfigurationNodeEncoder.node(for: Value()))
      var count = 0
      for key in keys {
        for value in [-1, 0, 1_000_000_007, .max] {
          // Values of another type are refused by the decoder.
          var problems: [OptionError] = []
          do throws(OptionError) {
            problems = try Value().overlaid(with: [OptionOverride(key, value)]).problems
          } catch {
            #expect(error.key == key || error.key == "\(key).0", "\(type): \(error)")
          }
          for problem in problems {
            #expect(keys.contains(problem.key), "\(type): \(problem)")
            count += 1
          }
        }
      }
      return count
    }
    for type in Self.types { _ = try check(type) }
    #expect(try check(RunConfiguration.self) > 100)
    #expect(try check(PseudoCaptionOptions.self) > 10)
  }

  @Test func anOverrideOfTheWrongTypeNamesItsKey() {
    for (value, found) in [("many", "\"many\""), ("3", "the text \"3\"")] {
      #expect(
        throws: OptionError("decoding.top_k", found: found, expected: "a whole number")
      ) { try CaptionerOptions().overlaid(with: [OptionOverride("decoding.top_k", value)]) }
    }
    #expect(
      throws: OptionError("decoding.top_p", found: "nan", expected: "a finite number")
    ) { try CaptionerOptions().overlaid(with: [OptionOverride("decoding.top_p", Double.nan)]) }
    let error = #expect(throws: OptionError.self) {
      try CaptionerOptions().overlaid(with: [OptionOverride("decoding.top_kk", 1)])
    }
    #expect(error?.found.contains("did you mean \"top_k\"?") == true)
  }

  // MARK: Flags

  @Test func everyOptionOfCaptioningHasAFlagAndEveryFlagAnOption() throws {
    let node = try ConfigurationNodeEncoder.node(for: CaptionerOptions())
    #expect(
      Set(OptionFlags.caption.map(\.key)) == Set(keys(node)).subtracting(["decoding"]))
    let tags = try ConfigurationNodeEncoder.node(for: PseudoCaptionOptions())
    let ofTheServer: Set = ["endpoint", "model", "key"]
    #expect(
      Set(OptionFlags.pseudocaption.map(\.key)).subtracting(ofTheServer)
        .isSubset(of: keys(tags)))
    for (command, flags) in [
      ("caption", OptionFlags.caption), ("evaluate", OptionFlags.evaluate),
      ("pseudocaption", OptionFlags.pseudocaption),
    ] {
      let help = try BuiltCommand(command).run(["--help"], in: Checkout.url(".")).output
      for (key, flag) in flags where key != "key" {
        for name in flag.split(separator: " ") where name.hasPrefix("-") {
          #expect(help.contains("\(name) ") || help.contains("\(name)\n"), "\(command) \(name)")
        }
      }
    }
  }

  /// Advice in errors names some; those are not options.
  @Test func theLibraryNamesNoFlagOfAnOption() throws {
    let flags =
      (OptionFlags.caption + OptionFlags.evaluate + OptionFlags.pseudocaption)
      .flatMap { $0.flag.split(separator: " ") }.filter { $0.hasPrefix("--") } + ["--set"]
    for (path, text) in try librarySources() where !path.hasSuffix("TrainingError.swift") {
      for flag in flags { #expect(!text.contains("\"\(flag)"), "\(path): \(flag)") }
    }
  }
}
