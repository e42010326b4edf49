/// The JSON header of a safetensors file.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let dtype: String
    let shape: [Int]
    let begin: Int
    let end: Int
  }

  static let metadataKey = "__metadata__"

  var metadata: [String: String] = [:]
  var entries: [Entry] = []

  init(metadata: [String: String], entries: [Entry]) {
    (self.metadata, self.entries) = (metadata, entries)
  }

  /// - Throws: `FileError` with the path of the invalid field.
  init(_ value: JSONValue, path: String) throws(FileError) {
    func failure(_ place: [String], _ found: JSONValue?, _ expected: String) -> FileError {
      FileError(
        .value(
          place: place.map(excerpt).joined(separator: "/"), found: found?.kind ?? "nothing",
          expected: expected), .read, path)
    }
    guard case .object(let object) = value else { throw failure([], value, "an object") }
    entries.reserveCapacity(object.members.count)
    for member in object.members {
      let name = member.key
      guard case .object(let fields) = member.value else {
        throw failure([name], member.value, "an object")
      }
      if name == Self.metadataKey {
        for field in fields.members {
          guard case .text(let text) = field.value else {
            throw failure([name, field.key], field.value, "a text")
          }
          metadata[field.key] = text
        }
        continue
      }
      guard case .text(let dtype)? = fields["dtype"] else {
        throw failure([name, "dtype"], fields["dtype"], "the name of a number format")
      }
      guard let shape = fields["shape"]?.integers else {
        throw failure([name, "shape"], fields["shape"], "a list of whole numbers")
      }
      guard let offsets = fields["data_offsets"]?.integers, offsets.count == 2 else {
        throw failure([name, "data_offsets"], fields["data_offsets"], "two whole numbers")
      }
      entries.append(
        Entry(name: name, dtype: dtype, shape: shape, begin: offsets[0], end: offsets[1]))
    }
  }

  /// The JSON to write, sorted by name, so that the same content gives the same bytes.
  var json: String {
    var members: [(String, JSONValue)] = []
    if !metadata.isEmpty {
      let sorted = metadata.sorted { $0.key < $1.key }
      members.append((Self.metadataKey, .object(JSONObject(sorted.map { ($0, .text($1)) }))))
    }
    for entry in entries {
      let fields: JSONObject = [
        "data_offsets": JSONValue([entry.begin, entry.end]), "dtype": .text(entry.dtype),
        "shape": JSONValue(entry.shape),
      ]
      members.append((entry.name, .object(fields)))
    }
    return JSONWriter.text(.object(JSONObject(members.sorted { $0.0 < $1.0 })), .compact)
  }
}
