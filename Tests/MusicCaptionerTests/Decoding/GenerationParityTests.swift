import Testing

@testable import MusicCaptioner

/// Against what the official code with transformers 4.26.1 generated.
@Suite(.enabled(if: ParityFixture.isThere))
struct GenerationParityTests {
  private let fixture: ParityFixture

  init() throws { fixture = try ParityFixture.shared.get() }

  @Test(arguments: [
    ("real", AudioFeatureOptions.Spectrum.realPart, "model.pth"),
    ("power", .power, "model.safetensors"),
  ])
  func everySettingGivesTheSameSequencesScoresAndTexts(
    name: String, spectrum: AudioFeatureOptions.Spectrum, weights: String
  ) throws {
    let bundle = try ParityFixture.bundle(weights)
    let memory = bundle.model.encode(try fixture.logMel(spectrum), in: .inference)
    let settings = try #require(fixture.golden.generation[name])
    #expect(settings.count >= 2)
    for (setting, golden) in settings.sorted(by: { $0.key < $1.key }) {
      let results = try DecodingTask(bundle.model, golden.options).run(memory)
      try #require(results.count == golden.chunks.count)
      for (chunk, (result, expected)) in zip(results, golden.chunks).enumerated() {
        let place = "\(name) \(setting), chunk \(chunk)"
        let found = result.hypotheses
        #expect(found.map(\.tokens) == expected.sequences, "\(place)")
        if let scores = expected.scores {
          #expect(areClose(found.map(\.score), scores), "\(place): scores")
        }
        #expect(
          areClose(found.map(\.sumLogProbability), expected.sumLogprobs),
          "\(place): sums of log-probabilities")
        let texts = found.map { bundle.tokenizer.decode($0.tokens) }
        #expect(texts == expected.textsRaw, "\(place)")
        #expect(texts.map(Tokenizer.cleanUp) == expected.textsOfficial, "\(place)")
      }
    }
  }

  @Test func defaultsGiveTheOfficialCaptions() throws {
    let bundle = try ParityFixture.bundle("model.pth")
    let results = try DecodingTask(bundle.model).run(logMel: fixture.logMel(.realPart))
    let captions = try results.map {
      Tokenizer.cleanUp(bundle.tokenizer.decode(try #require($0.best).tokens))
    }
    #expect(captions == fixture.golden.officialCaptions)
  }

  /// Within a thousandth.
  private func areClose(_ found: [Float], _ expected: [Double]) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { abs(Double($0) - $1) <= 1e-3 * abs($1) }
  }
}
