import Testing

@testable import MusicCaptioner

struct NamedTensorsTests {
  private let tensors = NamedTensors([
    ("b", Tensor(zeros: [2, 3])), ("a", Tensor(zeros: [4])), ("extra", Tensor(zeros: [1])),
  ])

  @Test func orderIsThatOfInsertion() {
    var tensors = tensors
    #expect(tensors.names == ["b", "a", "extra"])
    tensors["b"] = Tensor(zeros: [1])
    #expect(tensors.names == ["b", "a", "extra"])
    tensors["b"] = nil
    tensors["nothing"] = nil
    #expect(tensors.names == ["a", "extra"])
    #expect(tensors.entries.map(\.name) == tensors.names)
    #expect(tensors.elementCount == 5)
  }

  @Test func everyDifferenceIsReportedAtOnce() throws {
    let reason = try checkpointFailure {
      try tensors.check([("a", [5]), ("b", [2, 3]), ("missing", [1])])
    }
    #expect(
      reason
        == .mismatch(
          missing: ["missing"], unexpected: ["extra"],
          shapes: [.init(key: "a", expected: [5], found: [4])]))
    let error = CheckpointError(try #require(reason), file: "m.pth")
    #expect(
      error.description == """
        m.pth: the tensors don't fit the model: 1 missing (missing); 1 unexpected (extra); \
        1 of another shape (a is [4], expected [5]); check that the configuration is the one \
        that the file was made with
        """)
  }

  @Test func whatIsAllowedIsNoDifference() throws {
    try tensors.check([("a", [4]), ("b", [2, 3])], allowingUnexpected: { $0 == "extra" })
    #expect(try tensors.tensor("a", shape: [4]).count == 4)
    #expect(throws: CheckpointError.self) { try tensors.tensor("a", shape: [2, 2]) }
    #expect(throws: CheckpointError.self) { try tensors.tensor("none", shape: []) }
  }
}
