/// Reads structures in Thrift's compact protocol, as the metadata of Parquet is written.
struct ThriftReader {
  /// The type of a field or an element.
  enum Kind: UInt8 {
    case stop, boolTrue, boolFalse, byte, int16, int32, int64, double, binary, list, set, map
    case structure
  }

  private let bytes: [UInt8]
  private(set) var position: Int
  private var depth = 0
  private static let depthLimit = 32

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = 0
  }

  // MARK: Values

  mutating func byte() throws(ParquetFault) -> UInt8 {
    guard position < bytes.count else { throw .endsEarly }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func unsigned() throws(ParquetFault) -> UInt64 {
    try VariableLengthNumber.unsigned(bytes, &position, end: bytes.count)
  }

  /// A number of any size.
  mutating func integer() throws(ParquetFault) -> Int {
    Int(try VariableLengthNumber.signed(bytes, &position, end: bytes.count))
  }

  /// A count, a size or a place, which can't be negative.
  mutating func count() throws(ParquetFault) -> Int {
    let value = try integer()
    guard value >= 0 else { throw ParquetFault("a negative size in the metadata") }
    return value
  }

  mutating func text() throws(ParquetFault) -> String {
    let count = try length()
    defer { position += count }
    guard let text = String(validating: bytes[position..<position + count], as: UTF8.self) else {
      throw ParquetFault("a name that is not UTF-8")
    }
    return text
  }

  /// The length of what follows, which is there.
  private mutating func length() throws(ParquetFault) -> Int {
    let count = try unsigned()
    guard count <= UInt64(bytes.count - position) else { throw .endsEarly }
    return Int(count)
  }

  // MARK: Structures

  /// Calls `body` with the number and the type of each field of a structure.
  ///
  /// - Parameter body: Reads the value and returns true, or returns false to pass over it.
  mutating func fields(
    _ body: (inout ThriftReader, _ field: Int, _ kind: Kind) throws(ParquetFault) -> Bool
  ) throws(ParquetFault) {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw ParquetFault("metadata that nests too deep") }
    var field = 0
    while true {
      let head = try byte()
      guard let kind = Kind(rawValue: head & 0x0F) else { throw ParquetFault("damaged metadata") }
      if kind == .stop { return }
      let step = Int(head >> 4)
      field = step == 0 ? try integer() : field &+ step
      if try !body(&self, field, kind) { try skip(kind) }
    }
  }

  /// Calls `body` for each element of a list.
  mutating func elements(
    _ body: (inout ThriftReader) throws(ParquetFault) -> Void
  ) throws(ParquetFault) {
    let (count, _) = try listHead()
    for _ in 0..<count { try body(&self) }
  }

  /// Each element takes at least a byte, so that a count can't be larger than what is left.
  private mutating func listHead() throws(ParquetFault) -> (count: Int, kind: Kind) {
    let head = try byte()
    guard let kind = Kind(rawValue: head & 0x0F) else { throw ParquetFault("damaged metadata") }
    let count = head >> 4 == 15 ? try unsigned() : UInt64(head >> 4)
    guard count <= UInt64(bytes.count - position) else { throw .endsEarly }
    return (Int(count), kind)
  }

  private mutating func skip(_ kind: Kind) throws(ParquetFault) {
    switch kind {
    case .stop, .boolTrue, .boolFalse: return
    case .byte: _ = try byte()
    case .int16, .int32, .int64: _ = try unsigned()
    case .double: try skip(8)
    case .binary: try skip(try length())
    case .list, .set:
      let (count, kind) = try listHead()
      for _ in 0..<count { try skipElement(kind) }
    case .map:
      let count = try unsigned()
      guard count > 0 else { return }
      guard count <= UInt64(bytes.count - position) else { throw .endsEarly }
      let kinds = try byte()
      guard let key = Kind(rawValue: kinds >> 4), let value = Kind(rawValue: kinds & 0x0F) else {
        throw ParquetFault("damaged metadata")
      }
      for _ in 0..<count {
        try skipElement(key)
        try skipElement(value)
      }
    case .structure:
      try fields { (_, _, _) in false }
    }
  }

  /// An element that is true or false takes a byte, unlike a field.
  private mutating func skipElement(_ kind: Kind) throws(ParquetFault) {
    switch kind {
    case .stop, .boolTrue, .boolFalse: _ = try byte()
    case .list, .set, .map:
      depth += 1
      defer { depth -= 1 }
      guard depth <= Self.depthLimit else { throw ParquetFault("metadata that nests too deep") }
      try skip(kind)
    default: try skip(kind)
    }
  }

  private mutating func skip(_ count: Int) throws(ParquetFault) {
    guard count <= bytes.count - position else { throw .endsEarly }
    position += count
  }
}
