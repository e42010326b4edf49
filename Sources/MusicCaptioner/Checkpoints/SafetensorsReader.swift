import Foundation

/// Reads safetensors: eight bytes of header length, a JSON header, then the tensors' bytes.
///
/// As strict as the reference implementation: the tensors must cover the data without gaps or
/// overlaps.
/// https://github.com/huggingface/safetensors (README, "Format").
enum SafetensorsReader {
  /// A tenth of the reference implementation's limit, which would take a gigabyte of memory; a header of ten
  /// megabytes has a hundred thousand tensors.
  static let maximumHeaderBytes = 10_000_000

  /// Whether the file begins like safetensors.
  static func recognizes(_ head: [UInt8]) -> Bool {
    head.count > 8 && head[8] == UInt8(ascii: "{") && head[5..<8].allSatisfy { $0 == 0 }
  }

  /// All floating-point tensors in file order, and the names of the others.
  static func read(_ file: CheckpointBytes) throws(CheckpointError) -> NamedTensors {
    func failure(_ reason: CheckpointError.Reason) -> CheckpointError {
      CheckpointError(reason, file: file.path)
    }
    let (header, dataStart) = try readHeader(file)
    let dataCount = file.count - dataStart
    let entries = header.entries.sorted { first, second in
      (first.begin, first.end, first.name) < (second.begin, second.end, second.name)
    }
    var result = NamedTensors(metadata: header.metadata, source: file.path)
    var (end, last) = (0, "")
    for entry in entries {
      let key = entry.name
      guard result[key] == nil, result.unread[key] == nil else { throw failure(.duplicateKey(key)) }
      guard let type = ElementType(rawValue: entry.dtype) else {
        throw failure(.unknownElementType(key: key, name: entry.dtype))
      }
      guard let layout = TensorLayout(shape: entry.shape, elementType: type) else {
        throw failure(.impossibleShape(key: key, shape: entry.shape))
      }
      guard entry.begin >= 0, entry.begin <= entry.end else {
        throw failure(.badHeader("'\(key)' lies at \(entry.begin) to \(entry.end)"))
      }
      if entry.begin < end { throw failure(.overlappingTensors(last, key)) }
      if entry.begin > end { throw failure(.unclaimedBytes(end..<entry.begin)) }
      let found = entry.end - entry.begin
      guard found == layout.byteCount else {
        throw failure(
          .sizeMismatch(
            key: key, shape: layout.shape, expectedBytes: layout.byteCount, foundBytes: found))
      }
      guard entry.end <= dataCount else {
        let expected = (entries.map(\.end).max() ?? 0).addingReportingOverflow(dataStart)
        throw CheckpointError.cutShort(
          file.path, expectedBytes: expected.partialValue, foundBytes: file.count)
      }
      if type.isReadable {
        result[key] = try file.tensor(layout, at: dataStart + entry.begin)
      } else {
        result.unread[key] = type.rawValue
      }
      (end, last) = (entry.end, key)
    }
    if end < dataCount { throw failure(.unclaimedBytes(end..<dataCount)) }
    // `save_model` stores tied tensors once; the metadata has their other names, with the one that was kept.
    for (name, kept) in header.metadata.sorted(by: { $0.key < $1.key })
    where result[name] == nil && result.unread[name] == nil {
      if let tensor = result[kept] { result[name] = tensor }
    }
    return result
  }

  private static func readHeader(
    _ file: CheckpointBytes
  ) throws(CheckpointError) -> (header: SafetensorsHeader, dataStart: Int) {
    var cursor = ByteCursor(try file.bytes(0..<8))
    guard let announced = cursor.integer(UInt64.self), announced <= maximumHeaderBytes else {
      throw CheckpointError(.badHeader("it claims to be longer than 10 MB"), file: file.path)
    }
    let dataStart = 8 + Int(announced)
    let bytes = try file.bytes(8..<dataStart)
    do throws(FileError) {
      let json = try JSONReader.document(bytes, name: file.path, dialect: .strict)
      return (try SafetensorsHeader(json, path: file.path), dataStart)
    } catch {
      throw CheckpointError(.badHeader(error.problem), file: file.path)
    }
  }
}
