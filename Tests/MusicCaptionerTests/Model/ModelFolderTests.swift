import Foundation
import Testing

@testable import MusicCaptioner

@Suite struct ModelFolderTests {
  /// A model folder whose `config.json` is given members instead of, or besides, its own.
  private func read(_ members: [String: JSONValue]) throws -> ModelBundle {
    try withTemporaryFolder { folder in
      let model = folder.appending(path: "model")
      try TinyModel.bundle().write(to: model)
      let file = model.appending(path: "config.json")
      guard case .object(var json) = try JSONReader.document(of: file) else {
        throw CocoaError(.fileReadCorruptFile)
      }
      for (key, value) in members { json[key] = value }
      try Data(json.line.utf8).write(to: file)
      return try ModelBundle(contentsOf: model)
    }
  }

  private func problem(_ members: [String: JSONValue]) throws -> String {
    do {
      _ = try read(members).decodingOptions()
      return ""
    } catch let error as ModelError {
      let words = "\(error)"
      return words.components(separatedBy: "config.json: ").last ?? words
    }
  }

  @Test(arguments: [
    "data:\n  folder: clips\n", "{\"id\": \"a\", \"caption\": \"b\"}\n",
    "root:x:0:0::/root:/bin/sh\n", "{}",
    "",
  ])
  func aFileThatIsNoCheckpointIsSaidToBeNone(content: String) throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "file")
      try Data(content.utf8).write(to: file)
      let error = #expect(throws: CheckpointError.self) { try ModelBundle(contentsOf: file) }
      #expect(error?.reason == .notACheckpoint(content.isEmpty ? .emptyFile : .unknown))
    }
  }

  @Test func anIndexIsACheckpoint() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "model.safetensors.index.json")
      try Data("{\"weight_map\": {}}".utf8).write(to: file)
      let error = #expect(throws: ModelError.self) { try ModelBundle(contentsOf: file) }
      #expect(error?.reason == .noTokenizer)
    }
  }

  @Test func nullIsAsGoodAsAbsent() throws {
    var members = ["generation": JSONValue.null, "tags": .null, "dropout": .null]
    for (_, name) in ConfigurationMember.decodingNames { members[name] = .null }
    let bundle = try read(members)
    #expect(try bundle.decodingOptions() == DecodingOptions())
    #expect(bundle.model.configuration.dropout == ModelConfiguration().dropout)
    #expect(bundle.extras.isEmpty)
  }

  @Test(arguments: ["generation", "audio"])
  func aSectionThatIsNoObjectIsNamed(key: String) throws {
    let wrong: [(JSONValue, String)] = [
      (JSONValue(3), "3"), (.text("x"), "\"x\""), (.truth(true), "true"),
      (.list([]), "an empty list"),
    ]
    for (value, found) in wrong {
      let problem = try problem([key: value])
      #expect(problem == "\(key): expected an object, found \(found)")
    }
  }

  @Test func whatHasTheWrongTypeIsNamedWithItsPlace() throws {
    #expect(
      try problem(["generation": .object(["top_p": .text("x")])])
        == "generation.top_p: expected a number, found \"x\"")
    #expect(
      try problem(["audio": .object(["mean": .list([.null])])])
        == "audio.mean.0: expected a number, found nothing (null)")
    #expect(
      try problem(["d_model": JSONValue(1.5)])
        == "d_model: expected a whole number, found 1.5")
    #expect(
      try problem(["tag_source": .text("ears")])
        == "tag_source: expected one of encoder, front_end, found \"ears\"")
  }

  /// Scripts compare them: a model that is read and written keeps its bytes.
  @Test func aFolderIsWrittenAsItWasRead() throws {
    try withTemporaryFolder { folder in
      let (first, second) = (folder.appending(path: "a"), folder.appending(path: "b"))
      try TinyModel.bundle().write(to: first)
      try ModelBundle(contentsOf: first).write(to: second)
      let names = try FileManager.default.contentsOfDirectory(atPath: first.path)
      #expect(names.count == 6)
      for name in names {
        let bytes = try [first, second].map { try Data(contentsOf: $0.appending(path: name)) }
        #expect(bytes[0] == bytes[1], "\(name)")
      }
    }
  }
}
