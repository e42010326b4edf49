import Foundation
import Testing

@testable import MusicCaptioner

/// A checkpoint that the official code wrote, in both formats.
@Suite(.enabled(if: SharedData.has("parity/tiny-a")))
struct CheckpointParityTests {
  private struct Golden: Decodable {
    enum Field: Decodable {
      case text(String)
      case shape([Int])

      init(from decoder: any Swift.Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
          self = .text(text)
        } else {
          self = .shape(try value.decode([Int].self))
        }
      }
    }

    let stateDict: [[Field]]

    enum CodingKeys: String, CodingKey {
      case stateDict = "state_dict"
    }
  }

  private let folder = SharedData.url("parity/tiny-a")

  @Test func theOfficialCheckpointHasTheShapesOfItsStateDict() throws {
    let json = try Data(contentsOf: folder.appending(path: "golden.json"))
    let golden = try JSONDecoder().decode(Golden.self, from: json)
    var expected: [(name: String, shape: Shape)] = []
    for row in golden.stateDict {
      guard case .text(let name) = row[0], case .shape(let shape) = row[1] else { continue }
      expected.append((name, shape))
    }
    #expect(expected.count == 110)
    let tensors = try CheckpointFile.read(folder.appending(path: "model.pth"))
    try tensors.check(expected)
    #expect(tensors.names == expected.map(\.name))
    #expect(tensors.metadata["epoch"] == "99")
  }

  @Test func bothFormatsHoldTheSameTensors() throws {
    let torch = try CheckpointFile.read(folder.appending(path: "model.pth"))
    let safe = try CheckpointFile.read(folder.appending(path: "model.safetensors"))
    for (name, tensor) in safe.entries {
      #expect(torch[name]?.isIdentical(to: tensor) == true, "\(name)")
    }
    let tied = torch.names.filter { safe[$0] == nil }
    #expect(tied.count == 3)
    let shared = try #require(torch["bart.model.shared.weight"])
    for name in tied { #expect(torch[name]?.isIdentical(to: shared) == true, "\(name)") }
  }

  @Test func aCopyWrittenHereIsTheSame() throws {
    let safe = try CheckpointFile.read(folder.appending(path: "model.safetensors"))
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "copy")
      try SafetensorsWriter.write(safe, to: url)
      let copy = try CheckpointFile.read(url)
      try copy.check(safe.entries.map { ($0.name, $0.tensor.shape) })
      for (name, tensor) in safe.entries {
        #expect(copy[name]?.isIdentical(to: tensor) == true, "\(name)")
      }
    }
  }

  @Test(.enabled(if: SharedData.has("parity/bad")))
  func cutCopiesAreErrors() throws {
    func failure(_ name: String) throws -> CheckpointError.Reason? {
      try checkpointFailure {
        _ = try CheckpointFile.read(SharedData.url("parity/bad").appending(path: name))
      }
    }
    guard case .badArchive? = try failure("truncated.pth") else {
      Issue.record("truncated.pth was read")
      return
    }
    #expect(
      try failure("truncated.safetensors")?.cause
        == .cutShort(expectedBytes: 1_776_120, foundBytes: 200_000))
  }
}
