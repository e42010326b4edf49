import Foundation

/// The table of contents of a checkpoint in several files, as Hugging Face's `save_pretrained` writes it:
/// `model.safetensors.index.json` or `pytorch_model.bin.index.json`.
enum ShardIndex {
  /// A name and a path for each tensor; more than that is another kind of file.
  private static let maximumBytes = 10_000_000

  /// Whether the file begins like one.
  static func recognizes(_ head: [UInt8]) -> Bool {
    head.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
  }

  /// The tensors of all files that the index names, which lie beside it.
  ///
  /// - Returns: `nil` if this is another kind of JSON.
  static func read(_ file: CheckpointBytes) throws(CheckpointError) -> NamedTensors? {
    func failure(_ reason: CheckpointError.Reason) -> CheckpointError {
      CheckpointError(reason, file: file.path)
    }
    guard let map = try map(file) else { return nil }
    let folder = URL(fileURLWithPath: file.path).deletingLastPathComponent()
    var result = NamedTensors(source: file.path)
    var places: [String: String] = [:]
    for member in map.members {
      guard case .text(let part) = member.value, !part.contains("/"), !part.isEmpty else {
        throw failure(
          .badIndex(
            "found \(member.value.kind) for \(excerpt(member.key)); expected the name of a file "
              + "beside it"))
      }
      places[member.key] = part
    }
    for part in Set(places.values).sorted() {
      let tensors = try CheckpointFile.readSingle(folder.appending(path: part))
      for (name, tensor) in tensors.entries {
        guard result[name] == nil else { throw failure(.duplicateKey(name)) }
        result[name] = tensor
      }
      result.unread.merge(tensors.unread) { first, _ in first }
    }
    for (name, part) in places.sorted(by: { $0.key < $1.key })
    where result[name] == nil && result.unread[name] == nil {
      throw failure(.badIndex("'\(excerpt(name))' isn't in \(excerpt(part))"))
    }
    return result
  }

  /// Whether the file is an index; those that it names are not looked at.
  static func isIndex(_ file: CheckpointBytes) throws(CheckpointError) -> Bool {
    try map(file) != nil
  }

  /// The file's name for each tensor, `nil` if this is another kind of JSON.
  private static func map(_ file: CheckpointBytes) throws(CheckpointError) -> JSONObject? {
    guard file.count <= maximumBytes else { return nil }
    let bytes = try file.bytes(0..<file.count)
    guard case .object(let map)? = parsed(bytes, file.path)?["weight_map"] else { return nil }
    return map
  }

  private static func parsed(_ bytes: [UInt8], _ path: String) -> JSONValue? {
    do throws(FileError) {
      return try JSONReader.document(bytes, name: path, dialect: .strict)
    } catch {
      return nil
    }
  }
}
