import Foundation

/// Writes safetensors that the reference implementation opens.
package enum SafetensorsWriter {
  /// The number of elements converted and written at a time.
  private static let blockCount = 1 << 16

  /// Writes all tensors, sorted by name, and the metadata. The same content gives the same bytes.
  ///
  /// The file appears complete or not at all (see `AtomicFile`).
  ///
  /// - Returns: The checksum of the file.
  /// - Throws: `CheckpointError` if the file can't be written, or the format can't hold the names.
  @discardableResult
  package static func write(
    _ tensors: NamedTensors, to url: URL, as precision: StoredPrecision = .float32
  ) throws(CheckpointError) -> UInt64 {
    // By bytes rather than Unicode's canonical order, which may change with the standard library.
    let sorted = tensors.entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let head = try header(sorted, metadata: tensors.metadata, precision: precision, url: url)
    return try CheckpointError.wrapping { () throws(FileError) in
      try AtomicFile.write(to: url) { (file: FileSink) throws(FileError) in
        try file.write(head)
        var bytes: [UInt8] = []
        for (_, tensor) in sorted {
          for start in stride(from: 0, to: tensor.count, by: blockCount) {
            bytes.removeAll(keepingCapacity: true)
            tensor.withUnsafeBufferPointer { values in
              let block = values[start..<min(start + blockCount, values.count)]
              ElementConversion.encode(
                UnsafeBufferPointer(rebasing: block), as: precision, into: &bytes)
            }
            try file.write(bytes)
          }
        }
        return file.checksum
      }
    }
  }

  /// The length, the JSON, and spaces up to a multiple of eight, which aligns the float32 data.
  private static func header(
    _ entries: [(name: String, tensor: Tensor)], metadata: [String: String],
    precision: StoredPrecision, url: URL
  ) throws(CheckpointError) -> [UInt8] {
    func failure(_ problem: String) -> CheckpointError {
      CheckpointError(FileError(.system(problem), .write, url.path))
    }
    let type = precision.elementType
    // Hugging Face's transformers refuse a file that doesn't name the framework of its tensors.
    let metadata = metadata.merging(["format": "pt"]) { given, _ in given }
    var header = SafetensorsHeader(metadata: metadata, entries: [])
    var begin = 0
    for (name, tensor) in entries {
      guard name != SafetensorsHeader.metadataKey else {
        throw failure("a tensor can't be named '\(name)' in safetensors")
      }
      let end = begin + tensor.count * type.byteCount
      header.entries.append(
        .init(name: name, dtype: type.rawValue, shape: tensor.shape, begin: begin, end: end))
      begin = end
    }
    var json = Array(header.json.utf8)
    json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    guard json.count <= SafetensorsReader.maximumHeaderBytes else {
      throw failure("the names and metadata take \(json.count) bytes; 10 MB is the limit")
    }
    let length = UInt64(json.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json
  }
}
