/// The JSON header, as it is read and written.
struct SafetensorsHeader: Codable {
  struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let begin: Int
    let end: Int

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }

    init(dtype: String, shape: [Int], begin: Int, end: Int) {
      (self.dtype, self.shape, self.begin, self.end) = (dtype, shape, begin, end)
    }

    init(from decoder: any Swift.Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      dtype = try fields.decode(String.self, forKey: .dtype)
      shape = try fields.decode([Int].self, forKey: .shape)
      let offsets = try fields.decode([Int].self, forKey: .offsets)
      guard offsets.count == 2 else {
        throw DecodingError.dataCorruptedError(
          forKey: .offsets, in: fields, debugDescription: "two offsets expected")
      }
      (begin, end) = (offsets[0], offsets[1])
    }

    func encode(to encoder: any Swift.Encoder) throws {
      var fields = encoder.container(keyedBy: CodingKeys.self)
      try fields.encode(dtype, forKey: .dtype)
      try fields.encode(shape, forKey: .shape)
      try fields.encode([begin, end], forKey: .offsets)
    }
  }

  struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  var metadata: [String: String]
  var entries: [String: Entry]

  init(metadata: [String: String], entries: [String: Entry]) {
    (self.metadata, self.entries) = (metadata, entries)
  }

  init(from decoder: any Swift.Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    metadata = [:]
    entries = [:]
    for key in fields.allKeys {
      if key.stringValue == SafetensorsReader.metadataKey {
        metadata = try fields.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try fields.decode(Entry.self, forKey: key)
      }
    }
  }

  func encode(to encoder: any Swift.Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    if !metadata.isEmpty {
      try fields.encode(metadata, forKey: Key(stringValue: SafetensorsReader.metadataKey))
    }
    for (key, entry) in entries { try fields.encode(entry, forKey: Key(stringValue: key)) }
  }
}
