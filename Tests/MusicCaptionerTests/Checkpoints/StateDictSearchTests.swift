import Foundation
import Testing

@testable import MusicCaptioner

/// Where in a `.pth` the model's tensors are found.
@Suite struct StateDictSearchTests {
  /// A part of a pickle; tensors are told apart by their sizes.
  private indirect enum Part {
    case tensor(_ size: Int)
    case number
    case scalar
    case dictionary([(String, Part)])
    case numbered([Part])
    case defaultDictionary([(String, Part)])
    case list([Part])
    case tuple([Part])

    static func tensors(_ size: Int) -> Part { .dictionary([("w", .tensor(size))]) }

    var bytes: [UInt8] {
      switch self {
      case .tensor(let size):
        PickleBytes.tensor(storageCount: 6, shape: [size], strides: [1])
      case .scalar: PickleBytes.tensor(storageCount: 6, shape: [], strides: [])
      case .number: PickleBytes.integer(7)
      case .dictionary(let members): Array("}".utf8) + Self.setting(members)
      case .numbered(let parts):
        Array("}(".utf8)
          + parts.enumerated().flatMap { PickleBytes.integer($0.offset) + $0.element.bytes }
          + Array("u".utf8)
      case .defaultDictionary(let members):
        PickleBytes.global("collections", "defaultdict")
          + PickleBytes.tuple([PickleBytes.global("builtins", "dict")]) + Array("R".utf8)
          + Self.setting(members)
      case .list(let parts): Array("](".utf8) + parts.flatMap(\.bytes) + Array("e".utf8)
      case .tuple(let parts): PickleBytes.tuple(parts.map(\.bytes))
      }
    }

    private static func setting(_ members: [(String, Part)]) -> [UInt8] {
      Array("(".utf8) + members.flatMap { PickleBytes.text($0.0) + $0.1.bytes } + Array("u".utf8)
    }
  }

  private func read(_ part: Part) throws -> NamedTensors {
    try readCheckpoint(
      torchArchive([0x80, 2] + part.bytes + Array(".".utf8), floats: [0, 1, 2, 3, 4, 5]))
  }

  /// The size of the tensor `w`.
  private func size(_ part: Part) throws -> Int? { try read(part)["w"]?.count }

  private func failure(_ part: Part) throws -> CheckpointError.Reason? {
    try checkpointFailure { _ = try read(part) }
  }

  @Test func tensorsInSeveralWrappingsAreFound() throws {
    let wrapped: [Part] = [
      .dictionary([("model", .dictionary([("state_dict", .tensors(3))]))]),
      .dictionary([("state_dict", .dictionary([("model", .tensors(3))]))]),
      .dictionary([
        ("checkpoint", .dictionary([("model", .dictionary([("state_dict", .tensors(3))]))])),
        ("epoch", .number),
      ]),
      .dictionary([("a", .dictionary([("b", .dictionary([("c", .tensors(3))]))]))]),
      .tuple([.tensors(3), .number]),
      .list([.tensors(3), .number]),
      .list([.tuple([.number, .dictionary([("state_dict", .tensors(3))])])]),
      .dictionary([("model", .list([.tensors(3)]))]),
      .defaultDictionary([("state_dict", .tensors(3))]),
      .dictionary([("state_dict", .defaultDictionary([("w", .tensor(3))]))]),
    ]
    for part in wrapped { #expect(try size(part) == 3, "\(part)") }
  }

  @Test func theOptimizersTensorsAreNotTheModels() throws {
    let optimizer = Part.dictionary([
      ("state", .numbered([.dictionary([("exp_avg", .tensor(2))])])),
      ("param_groups", .list([.dictionary([("lr", .scalar), ("params", .list([.number]))])])),
    ])
    #expect(
      try size(
        .dictionary([("optimizer", optimizer), ("net", .dictionary([("x", .tensors(3))]))])) == 3)
    #expect(try size(.tuple([.tensors(3), optimizer])) == 3)
  }

  @Test func aLossBesideTheModelIsNotTheModel() throws {
    #expect(try size(.dictionary([("loss", .scalar), ("weights", .tensors(3))])) == 3)
    let nested = Part.dictionary([("state_dict", .tensors(3)), ("best", .scalar)])
    #expect(try size(.dictionary([("checkpoint", nested), ("loss", .scalar)])) == 3)
    #expect(try read(.dictionary([("loss", .scalar)]))["loss"]?.count == 1)
  }

  @Test func knownNamesDecideBetweenSeveral() throws {
    #expect(try size(.dictionary([("model", .tensors(2)), ("state_dict", .tensors(3))])) == 3)
    #expect(
      try size(
        .dictionary([
          ("ema", .tensors(2)), ("model", .dictionary([("state_dict", .tensors(3))])),
        ])) == 3)
    let both = Part.dictionary([("ema", .tensors(2)), ("model", .tensors(3))])
    #expect(try size(both) == 3)
    #expect(try size(.dictionary([("checkpoint", both)])) == 3)
    #expect(try size(.dictionary([("w", .tensor(3)), ("extra", .tensors(2))])) == 3)
    let deep = Part.dictionary([("statistics", .tensors(2))])
    #expect(try size(.dictionary([("weights", .tensors(3)), ("extra", deep)])) == 3)
  }

  @Test func whatCannotBeDecidedIsNamed() throws {
    #expect(
      try failure(
        .dictionary([("ema", .tensors(2)), ("checkpoint", .dictionary([("model", .tensors(3))]))]))
        == .severalStateDicts(["ema", "checkpoint.model"]))
    #expect(
      try failure(.list([.tensors(2), .tensors(3)])) == .severalStateDicts(["[0]", "[1]"]))
    #expect(
      try failure(
        .dictionary([("model", .dictionary([("a", .tensors(2)), ("b", .tensors(3))]))]))
        == .severalStateDicts(["model.a", "model.b"]))
  }

  @Test func whatAFileWithoutTensorsHasIsNamed() throws {
    let cases: [(Part, [String])] = [
      (.dictionary([]), ["an empty dictionary"]),
      (.dictionary([("epoch", .number), ("model", .dictionary([]))]), ["epoch", "model"]),
      (.numbered([.tensors(3)]), ["0"]),
      (.tensor(3), ["a tensor"]),
      (.number, ["7"]),
      (.list([.tensor(3), .tensor(2)]), ["a list of 2"]),
      (.tuple([.number]), ["a tuple of 1"]),
    ]
    for (part, found) in cases { #expect(try failure(part) == .noStateDict(found: found)) }
  }

  @Test func theDepthIsBounded() throws {
    func nested(_ depth: Int) -> Part {
      (0..<depth).reduce(Part.tensors(3)) { part, _ in .dictionary([("model", part)]) }
    }
    #expect(try size(nested(8)) == 3)
    #expect(try failure(nested(9)) == .noStateDict(found: ["model"]))
  }
}
