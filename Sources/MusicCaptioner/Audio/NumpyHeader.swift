/// The header of a NumPy array file (`.npy`, versions 1 to 3): a signature, a length, and a Python
/// dictionary with three entries.
struct NumpyHeader: Equatable {
  enum Element: String, CaseIterable {
    case float16 = "f2"
    case float32 = "f4"
    case float64 = "f8"
    case int16 = "i2"

    var byteCount: Int {
      switch self {
      case .float16, .int16: 2
      case .float32: 4
      case .float64: 8
      }
    }
  }

  let element: Element
  let isBigEndian: Bool
  /// Whether neighbors in the file differ in their first index.
  let isFortran: Bool
  let shape: [Int]
  /// Where the elements begin, in bytes.
  let byteCount: Int

  struct Fault: Error, Equatable {
    let found: String

    init(_ found: String) { self.found = found }
  }

  static func isNumpy(_ head: [UInt8]) -> Bool {
    head.starts(with: [0x93] + Array("NUMPY".utf8))
  }

  /// NumPy's own limit for headers that it reads without being told to trust them.
  private static let maximumBytes = 10_000

  /// - Parameter read: Reads `count` bytes at an offset, or fewer at the end.
  init(read: (_ offset: Int, _ count: Int) -> [UInt8]) throws(Fault) {
    let head = read(0, 12)
    let version = head.count > 6 ? Int(head[6]) : 0
    guard (1...3).contains(version) else {
      throw Fault("version \(version) of the format; expected 1, 2 or 3")
    }
    let sizeBytes = version == 1 ? 2 : 4
    let start = 8 + sizeBytes
    guard head.count >= start else { throw Fault("a header that is cut short") }
    let size = (0..<sizeBytes).reduce(0) { $0 | Int(head[8 + $1]) << (8 * $1) }
    guard size <= Self.maximumBytes else {
      throw Fault("a header of \(size) bytes; expected at most \(Self.maximumBytes)")
    }
    let bytes = read(start, size)
    guard bytes.count == size else { throw Fault("a header that is cut short") }
    byteCount = start + size

    var literal = PythonLiteral(bytes)
    let entries = try literal.dictionary()
    guard case .text(let type)? = entries["descr"] else {
      throw Fault("an array of records; expected an array of \(Self.elementNames)")
    }
    (element, isBigEndian) = try Self.element(type)
    guard case .boolean(let isFortran)? = entries["fortran_order"] else {
      throw Fault("no fortran_order in its header")
    }
    self.isFortran = isFortran
    guard case .numbers(let shape)? = entries["shape"] else {
      throw Fault("no shape in its header")
    }
    self.shape = shape
  }

  private static let elementNames = "float32, float64, float16 or int16"

  private static func element(_ type: String) throws(Fault) -> (Element, isBigEndian: Bool) {
    if type.hasSuffix("O") {
      throw Fault("Python objects, which are never loaded; expected \(elementNames)")
    }
    guard let order = type.first, "<>=".contains(order),
      let element = Element(rawValue: String(type.dropFirst()))
    else { throw Fault("elements of the type \(excerpt(type)); expected \(elementNames)") }
    return (element, order == ">")
  }
}

/// The few Python values that occur in such headers.
private struct PythonLiteral {
  enum Value {
    case text(String)
    case boolean(Bool)
    case numbers([Int])
    case other
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var current: UInt8? {
    mutating get {
      while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
        position += 1
      }
      return position < bytes.count ? bytes[position] : nil
    }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func dictionary() throws(NumpyHeader.Fault) -> [String: Value] {
    let fault = NumpyHeader.Fault("a header that is not a Python dictionary")
    guard skip("{") else { throw fault }
    var entries: [String: Value] = [:]
    while !skip("}") {
      guard let key = text(), skip(":"), let value = value() else { throw fault }
      entries[key] = value
      // Nothing more follows where there is no comma.
      if !skip(",") {
        guard skip("}") else { throw fault }
        break
      }
    }
    guard current == nil else { throw fault }
    return entries
  }

  /// Escapes don't occur in these headers; nil for a text with one.
  private mutating func text() -> String? {
    guard let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      return nil
    }
    let start = position + 1
    guard let end = bytes[start...].firstIndex(of: quote),
      !bytes[start..<end].contains(UInt8(ascii: "\\"))
    else { return nil }
    position = end + 1
    return String(validating: bytes[start..<end], as: UTF8.self)
  }

  private mutating func value() -> Value? {
    switch current {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return text().map(Value.text)
    case UInt8(ascii: "("): return numbers()
    case UInt8(ascii: "["): return skipList() ? .other : nil
    default: break
    }
    for (word, value) in [("True", true), ("False", false)]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return .boolean(value)
    }
    return nil
  }

  /// The fields of a record: a list of tuples, of no interest here.
  private mutating func skipList() -> Bool {
    var depth = 0
    while let byte = current {
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        if text() == nil { return false }
        continue
      case UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: ")"): depth -= 1
      default: break
      }
      position += 1
      if depth == 0 { return true }
    }
    return false
  }

  private mutating func numbers() -> Value? {
    var numbers: [Int] = []
    guard skip("(") else { return nil }
    while !skip(")") {
      guard let first = current, (0x30...0x39).contains(first) else { return nil }
      let end = bytes[position...].firstIndex { !(0x30...0x39).contains($0) } ?? bytes.count
      guard let number = Int(String(decoding: bytes[position..<end], as: UTF8.self)) else {
        return nil
      }
      position = end
      // Python 2 wrote long integers with an L.
      _ = skip("L")
      numbers.append(number)
      if !skip(",") {
        guard skip(")") else { return nil }
        break
      }
    }
    return .numbers(numbers)
  }
}
