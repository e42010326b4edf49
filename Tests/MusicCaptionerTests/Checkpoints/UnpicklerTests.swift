import Foundation
import Testing

@testable import MusicCaptioner

struct UnpicklerTests {
  private func read(_ pickle: [UInt8]) throws -> PickleGraph {
    try Unpickler.read(pickle, path: "test.pth")
  }

  private func failure(_ pickle: [UInt8]) throws -> CheckpointError.Reason? {
    try checkpointFailure { _ = try read(pickle) }
  }

  private func expectBad(
    _ pickle: [UInt8], at place: SourceLocation = #_sourceLocation
  ) throws {
    let reason = try failure(pickle)
    guard case .badPickle? = reason else {
      Issue.record("\(String(describing: reason))", sourceLocation: place)
      return
    }
  }

  @Test(arguments: [0, 2, 4])
  func codeIsRefusedByNameAndNeverRun(version: Int) throws {
    let url = Fixtures.url("checkpoints/hostile-\(version).pth")
    let reason = try checkpointFailure { _ = try CheckpointFile.read(url) }
    #expect(reason == .refusedCallable("posix.system"))
    let text = CheckpointError(try #require(reason), file: "m.pth").description
    #expect(text.contains("posix.system") && text.contains("run code"))
    #expect(text.contains("torch.save(model.state_dict()"))
    #expect(!FileManager.default.fileExists(atPath: "hostile-was-here"))
  }

  /// Every opcode that can name something.
  @Test(arguments: [
    Array("cos\nsystem\n.".utf8),
    Array("(ios\nsystem\n.".utf8),
    [0x8c, 2] + Array("os".utf8) + [0x8c, 6] + Array("system".utf8) + [0x93, 0x2e],
  ])
  func everyWayToNameACallableIsClosed(pickle: [UInt8]) throws {
    #expect(try failure(pickle) == .refusedCallable("os.system"))
  }

  @Test(arguments: [
    "builtins.eval", "builtins.getattr", "__builtin__.exec", "torch.load",
    "torch.serialization.load",
    "torch.storage._load_from_bytes", "torch._utils._rebuild_device_tensor_from_numpy",
    "numpy.load", "numpy.f2py.crackfortran.myeval", "collections.namedtuple",
    "torch.nn.modules.linear.Linear", "argparse.ArgumentParser", "torch.jit.load",
    "functools.partial", "torch.FloatTensor", "omegaconf.omegaconf.register", "types.CodeType",
    "pathlib.os", "builtins.type", "copyreg.__newobj__", "transformersx.Config", "__main__.Config",
  ])
  func onlyTensorsAndPlainDataAreKnown(name: String) throws {
    let split = try #require(name.lastIndex(of: "."))
    let pickle = PickleBytes.global(
      String(name[..<split]), String(name[name.index(after: split)...]))
    #expect(try failure(pickle) == .refusedCallable(name))
  }

  @Test func extensionsAndPersistentTextAreRefused() throws {
    #expect(try failure([0x82, 1]) == .refusedCallable("a copyreg extension"))
    try expectBad(Array("Pstorage\n.".utf8))
    try expectBad(PickleBytes.text("storage") + Array("Q.".utf8))
  }

  @Test func plainValuesAreRead() throws {
    func root(_ pickle: [UInt8]) throws -> PickleValue { try read(pickle + [0x2e]).root }
    func integer(_ pickle: [UInt8]) throws -> Int? {
      if case .int(let value) = try root(pickle) { value } else { nil }
    }
    #expect(try integer([0x8a, 0]) == 0)
    #expect(try integer([0x8a, 1, 0xff]) == -1)
    #expect(try integer([0x8a, 2, 0xff, 0]) == 255)
    #expect(try integer([0x8a, 9] + littleEndian(Int.max) + [0]) == .max)
    #expect(try integer(PickleBytes.integer(.min)) == .min)
    #expect(try integer([0x4a] + littleEndian(Int32(-7))) == -7)
    #expect(try integer(Array("I42\n".utf8)) == 42)
    #expect(try integer(Array("L42L\n".utf8)) == 42)
    if case .float(let value) = try root([0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]) {
      #expect(value == 1.5)
    } else {
      Issue.record("no number")
    }
  }

  /// The states of numpy's random generators are such numbers.
  @Test(arguments: [
    [0x8a, 9] + littleEndian(UInt64.max) + [0], Array("L18446744073709551616L\n".utf8),
    Array("I-99999999999999999999\n".utf8),
  ])
  func numbersOfMoreThan64BitsArePassedOver(pickle: [UInt8]) throws {
    guard case .opaque = try read(pickle + [0x2e]).root else {
      Issue.record("read as something else")
      return
    }
  }

  @Test func aLaterValueForAKeyCounts() throws {
    let pair = PickleBytes.text("k") + [0x4b, 1] + Array("s".utf8)
    let second = PickleBytes.text("k") + [0x4b, 2] + Array("s.".utf8)
    let graph = try read(Array("}".utf8) + pair + second)
    let entries = try #require(graph.entries(graph.root))
    #expect(entries.count == 1)
    if case .int(let value) = entries[0].value { #expect(value == 2) } else { Issue.record("") }
  }

  @Test(arguments: [
    ".", "N", "0.", "1.", "2.", "R.", "NNR.", "a.", "Na.", "]a.", "(s.", "}Ns.", "(u.", "}(Nu.",
    "t.", "(Nd.", "b.", "NNb.", "q\u{0}.", "h\u{5}.", "X\u{9}\u{0}\u{0}\u{0}abc", "(0(10.",
    "](]a.", "\u{7f}.", "(o.", "((o.", "T", "p\n.", "gx\n.", "Ix\n.", "cos\n",
  ])
  func malformedPicklesAreErrors(text: String) throws {
    try expectBad(Array(text.utf8))
  }

  @Test func lengthsBeyondTheEndAllocateNothing() throws {
    for opcode: UInt8 in [0x8d, 0x8e, 0x96] {
      try expectBad([opcode] + littleEndian(UInt64.max))
      try expectBad([opcode] + littleEndian(UInt64(1) << 62))
    }
    try expectBad([0x58] + littleEndian(UInt32.max))
    try expectBad([0x8b] + littleEndian(Int32.max))
    try expectBad([0x8b] + littleEndian(Int32(-1)))
    try expectBad([0x80, 6])
  }

  @Test func deepNestingCostsNoRecursion() throws {
    _ = try read([0x4e] + [UInt8](repeating: 0x85, count: 200_000) + [0x2e])
    _ = try read(
      [UInt8](repeating: 0x5d, count: 100_000) + [UInt8](repeating: 0x61, count: 99_999) + [0x2e])
  }

  @Test func containersThatContainThemselvesAreRead() throws {
    let url = Fixtures.url("checkpoints/self-reference.pth")
    let reason = try checkpointFailure { _ = try CheckpointFile.read(url) }
    #expect(reason == .noStateDict(found: ["state_dict", "model"]))
  }

  /// A kilobyte of calls would copy one long shape into gigabytes, whatever wraps the call.
  @Test func wrappedCallsOnOneLongTupleAreBounded() throws {
    let length = 500_000
    let long =
      Array("(".utf8) + [[UInt8]](repeating: [0x4b, 1], count: length).flatMap(\.self)
      + Array("tq\u{0}0".utf8)
    let storage =
      PickleBytes.tuple([
        PickleBytes.text("storage"), PickleBytes.global("torch", "FloatStorage"),
        PickleBytes.text("0"), PickleBytes.text("cpu"), PickleBytes.integer(1),
      ]) + Array("Q".utf8)
    let again = Array("h\u{0}".utf8)
    let arguments = PickleBytes.tuple([storage, PickleBytes.integer(0), again, again])
    let call =
      PickleBytes.global("torch._tensor", "_rebuild_from_type_v2")
      + PickleBytes.tuple([
        PickleBytes.global("torch._utils", "_rebuild_tensor_v2"), Array("N".utf8), arguments,
        Array("}".utf8),
      ]) + Array("R0".utf8)
    let calls = [[UInt8]](repeating: call, count: 10).flatMap(\.self)
    let reason = try failure(long + calls + Array("N.".utf8))
    guard case .badPickle(_, let words)? = reason else {
      Issue.record("\(String(describing: reason))")
      return
    }
    #expect(words.contains("again and again"), "\(words)")
  }

  @Test func theNumberOfStepsIsBounded() throws {
    let pickle = [UInt8](repeating: UInt8(ascii: "N"), count: Unpickler.maximumSteps + 1)
    try expectBad(pickle)
  }
}
