import Foundation
import Testing

@testable import MusicCaptioner

struct SafetensorsTests {
  /// A safetensors file of a header as given and zeros for data.
  private func file(_ header: String, dataCount: Int = 0, headerCount: UInt64? = nil) -> [UInt8] {
    littleEndian(headerCount ?? UInt64(header.utf8.count)) + Array(header.utf8)
      + [UInt8](repeating: 0, count: dataCount)
  }

  private func failure(_ bytes: [UInt8]) throws -> CheckpointError.Reason? {
    try checkpointFailure { _ = try readCheckpoint(bytes) }
  }

  private func entry(_ shape: String, _ offsets: String, _ type: String = "F32") -> String {
    #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  @Test(arguments: StoredPrecision.allCases)
  func tensorsSurviveWritingAndReading(precision: StoredPrecision) throws {
    let special: [Float] = [
      0, -0.0, 1, -1.5, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 0x1p-24, 0x1p-133,
      .leastNormalMagnitude, .greatestFiniteMagnitude, 1.0009765625, 65_504, 3.3895e38,
    ]
    var tensors = NamedTensors(metadata: ["step": "7", "ümläut": "a\"b\\\n"])
    tensors["b.weight"] = Tensor([3, 5], special)
    tensors["a.ü"] = Tensor([15], special)
    tensors["empty"] = Tensor(zeros: [0, 4])
    tensors["scalar"] = Tensor(scalar: 2)
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "t.safetensors")
      let checksum = try SafetensorsWriter.write(tensors, to: url, as: precision)
      #expect(try Checksum64.ofFile(url).value == checksum)
      let read = try CheckpointFile.read(url)
      #expect(read.names == ["a.ü", "b.weight", "empty", "scalar"])
      #expect(read.metadata == tensors.metadata.merging(["format": "pt"]) { $1 })
      for (name, tensor) in tensors.entries {
        let found = try #require(read[name])
        #expect(found.shape == tensor.shape)
        for (ours, original) in zip(found.values, tensor.values) {
          let expected: Float =
            switch precision {
            case .float32: original
            case .float16: Float(Float16(original))
            case .bfloat16:
              Float(bitPattern: UInt32(ElementConversion.brain(original)) << 16)
            }
          #expect(ours.bitPattern == expected.bitPattern || (ours.isNaN && expected.isNaN))
        }
      }
      // The data starts on a multiple of eight, and the same content gives the same bytes.
      let bytes = Array(try Data(contentsOf: url))
      #expect(bytes[0] % 8 == 0)
      try SafetensorsWriter.write(tensors, to: url, as: precision)
      #expect(Array(try Data(contentsOf: url)) == bytes)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }
  }

  @Test func largeTensorsAreWrittenInBlocks() throws {
    let count = 3 * 65_536 + 17
    let tensor = Tensor([count], (0..<count).lazy.map { Float($0) })
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "t")
      try SafetensorsWriter.write(NamedTensors([("t", tensor)]), to: url)
      #expect(try CheckpointFile.read(url)["t"]?.isIdentical(to: tensor) == true)
    }
  }

  @Test func float32TensorsStayInTheFileAndCopyBeforeTheyChange() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "t")
      try SafetensorsWriter.write(NamedTensors([("t", Tensor([2], [1, 2]))]), to: url)
      // The mapping outlives the reader, and the name of the file.
      var tensor = try #require(try CheckpointFile.read(url)["t"])
      try FileManager.default.removeItem(at: url)
      #expect(!tensor.storage.isWritable)
      #expect(tensor.values == [1, 2])
      tensor.withUnsafeMutableBufferPointer { $0[0] = 5 }
      #expect(tensor.values == [5, 2])
    }
  }

  @Test func unalignedDataIsCopied() throws {
    let header = "{\"t\":" + entry("[1]", "[0,4]") + "}"
    for padding in 0..<4 {
      let text = header + String(repeating: " ", count: padding)
      let bytes = littleEndian(UInt64(text.utf8.count)) + Array(text.utf8)
      let tensors = try readCheckpoint(bytes + littleEndian(Float(1.25).bitPattern))
      #expect(tensors["t"]?.values == [1.25])
    }
  }

  @Test func integersAreKnownByName() throws {
    let bytes = file("{\"n\":" + entry("[1]", "[0,8]", "I64") + "}", dataCount: 8)
    let tensors = try readCheckpoint(bytes)
    #expect(tensors.names.isEmpty)
    #expect(tensors.unread == ["n": "I64"])
    let reason = try checkpointFailure { _ = try tensors.tensor("n", shape: [1]) }
    #expect(reason == .unreadableElementType(key: "n", name: "I64"))
  }

  @Test func contradictionsAreNamed() throws {
    let good = entry("[2]", "[0,8]")
    func header(_ text: String, _ count: Int = 8) throws -> CheckpointError.Reason? {
      try failure(file("{\(text)}", dataCount: count))
    }
    #expect(try header("\"a\":\(good)") == nil)
    #expect(
      try header("\"a\":\(good),\"b\":\(entry("[2]", "[4,12]"))", 12)
        == .overlappingTensors("a", "b"))
    #expect(try header("\"a\":\(entry("[2]", "[4,12]"))", 12) == .unclaimedBytes(0..<4))
    #expect(try header("\"a\":\(good)", 9) == .unclaimedBytes(8..<9))
    #expect(
      try header("\"a\":\(entry("[3]", "[0,8]"))")
        == .sizeMismatch(key: "a", shape: [3], expectedBytes: 12, foundBytes: 8))
    #expect(
      try header("\"a\":\(entry("[2]", "[0,8]", "F31"))")
        == .unknownElementType(key: "a", name: "F31"))
    for shape in ["[-2]", "[4611686018427387904,4]", "[0,4611686018427387904,4]"] {
      let found = try header("\"a\":\(entry(shape, "[0,8]"))")
      guard case .impossibleShape("a", _)? = found else {
        Issue.record("\(shape): \(String(describing: found))")
        continue
      }
    }
    guard case .cutShort(_, let found)? = try header("\"a\":\(good)", 5)?.cause else {
      Issue.record("a file cut short isn't called so")
      return
    }
    #expect(found == 8 + 2 + 4 + good.utf8.count + 5)
  }

  @Test(arguments: [
    "[]", "{\"a\":1}", "{\"a\":{}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", "{",
    "{\"__metadata__\":{\"a\":1}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1e99],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}",
  ])
  func headersThatMakeNoSenseAreRefused(header: String) throws {
    let padded = header + "          "
    let reason = try failure(file(padded, dataCount: 4))
    switch reason {
    case .badHeader, .notACheckpoint, .unclaimedBytes: break
    default: Issue.record("\(String(describing: reason))")
    }
  }

  @Test func deepNestingAndHugeLengthsEndInErrors() throws {
    let deep = "{\"a\":" + String(repeating: "[", count: 100_000)
    guard case .badHeader? = try failure(file(deep)) else {
      Issue.record("nested header")
      return
    }
    guard case .cutShort? = try failure(file("{}      ", headerCount: 9_999_999))?.cause else {
      Issue.record("header longer than the file")
      return
    }
  }

  @Test func theReservedNameCantBeWritten() throws {
    let tensors = NamedTensors([("__metadata__", Tensor(scalar: 1))])
    try withTemporaryFolder { folder in
      let reason = try checkpointFailure {
        try SafetensorsWriter.write(tensors, to: folder.appending(path: "t"))
      }
      guard case .system? = reason?.cause else {
        Issue.record("\(String(describing: reason))")
        return
      }
      let words = CheckpointError(try #require(reason), file: "t").description
      #expect(
        words.contains("can't be written: a tensor can't be named '__metadata__'"), "\(words)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }
}
