/// JSON whose strings stay UTF-8 bytes and whose objects keep every key.
///
/// Foundation's parsers put objects in dictionaries keyed by `String`, where canonically equivalent
/// tokens (é and e + ◌́) are one key: one of the two would be lost.
indirect enum TokenizerJSON: Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string([UInt8])
  case array([TokenizerJSON])
  case object([Member])

  struct Member: Equatable {
    let key: [UInt8]
    let value: TokenizerJSON
  }

  /// The value of `key`, or nil where there is none or this is no object.
  subscript(key: String) -> TokenizerJSON? {
    guard case .object(let members) = self else { return nil }
    let key = Array(key.utf8)
    return members.first { $0.key == key }?.value
  }

  /// What this is, for an error's words.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let text): "\"\(String(decoding: text.prefix(40), as: UTF8.self))\""
    case .array: "a list"
    case .object: "an object"
    }
  }

  init(parsing bytes: [UInt8], path: String) throws(TokenizerError) {
    if let offset = UTF8Text.firstInvalidByte(in: bytes) {
      throw TokenizerError(.notUTF8(byteOffset: offset), path: path)
    }
    var parser = Parser(bytes: bytes)
    do {
      self = try parser.document()
    } catch {
      let line = bytes.prefix(parser.position).count { $0 == UInt8(ascii: "\n") } + 1
      throw TokenizerError(.malformedJSON(line: line, problem: error.words), path: path)
    }
  }
}

extension TokenizerJSON {
  private struct Problem: Error {
    let words: String
  }

  private struct Parser {
    let bytes: [UInt8]
    var position = 0

    /// Deeper nesting than any tokenizer file has would only exhaust the stack.
    static let deepest = 64

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(Problem) -> TokenizerJSON {
      let value = try value(depth: 0)
      skipSpace()
      guard position == bytes.count else { throw Problem(words: "more follows after its end") }
      return value
    }

    private mutating func skipSpace() {
      while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
        position += 1
      }
    }

    private func peek() throws(Problem) -> UInt8 {
      guard position < bytes.count else { throw Problem(words: "the file ends too early") }
      return bytes[position]
    }

    /// Consumes `byte` after white space, if it comes next.
    private mutating func take(_ byte: Unicode.Scalar) throws(Problem) -> Bool {
      skipSpace()
      guard try peek() == UInt8(ascii: byte) else { return false }
      position += 1
      return true
    }

    private mutating func value(depth: Int) throws(Problem) -> TokenizerJSON {
      guard depth < Self.deepest else { throw Problem(words: "nested too deeply") }
      skipSpace()
      switch try peek() {
      case UInt8(ascii: "{"): return try object(depth: depth)
      case UInt8(ascii: "["): return try array(depth: depth)
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "n"): return try word("null", .null)
      case UInt8(ascii: "t"): return try word("true", .bool(true))
      case UInt8(ascii: "f"): return try word("false", .bool(false))
      default: return try number()
      }
    }

    private mutating func object(depth: Int) throws(Problem) -> TokenizerJSON {
      position += 1
      var members: [Member] = []
      if try take("}") { return .object(members) }
      repeat {
        skipSpace()
        guard try peek() == UInt8(ascii: "\"") else { throw Problem(words: "expected a key") }
        let key = try string()
        guard try take(":") else { throw Problem(words: "expected a colon") }
        members.append(Member(key: key, value: try value(depth: depth + 1)))
      } while try take(",")
      guard try take("}") else { throw Problem(words: "expected a comma or a closing brace") }
      return .object(members)
    }

    private mutating func array(depth: Int) throws(Problem) -> TokenizerJSON {
      position += 1
      var elements: [TokenizerJSON] = []
      if try take("]") { return .array(elements) }
      repeat { elements.append(try value(depth: depth + 1)) } while try take(",")
      guard try take("]") else { throw Problem(words: "expected a comma or a closing bracket") }
      return .array(elements)
    }

    private mutating func word(
      _ word: StaticString, _ value: TokenizerJSON
    ) throws(Problem) -> TokenizerJSON {
      let letters = Array(word.description.utf8)
      guard bytes[position...].starts(with: letters) else {
        throw Problem(words: "expected \(word)")
      }
      position += letters.count
      return value
    }

    private mutating func number() throws(Problem) -> TokenizerJSON {
      let start = position
      while position < bytes.count,
        (0x30...0x39).contains(bytes[position])
          || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(bytes[position])
      {
        position += 1
      }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      if !text.hasPrefix("+"), let integer = Int(text) { return .integer(integer) }
      if !text.hasPrefix("+"), let number = Double(text) { return .number(number) }
      throw Problem(words: "expected a value")
    }

    private mutating func string() throws(Problem) -> [UInt8] {
      position += 1
      var text: [UInt8] = []
      while true {
        let byte = try peek()
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return text
        case UInt8(ascii: "\\"): try appendEscape(to: &text)
        case 0..<0x20: throw Problem(words: "a control character in a string")
        default: text.append(byte)
        }
      }
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(Problem) {
      let byte = try peek()
      position += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        var value = try hexadecimal()
        if (0xD800..<0xDC00).contains(value), bytes[position...].starts(with: Array("\\u".utf8)) {
          position += 2
          let low = try hexadecimal()
          guard (0xDC00..<0xE000).contains(low) else {
            throw Problem(words: "half a surrogate pair")
          }
          value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else {
          throw Problem(words: "half a surrogate pair")
        }
        text.append(contentsOf: String(scalar).utf8)
      default: throw Problem(words: "an unknown escape in a string")
      }
    }

    private mutating func hexadecimal() throws(Problem) -> UInt32 {
      var value: UInt32 = 0
      for _ in 0..<4 {
        let byte = try peek()
        guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
          throw Problem(words: "expected four hexadecimal digits")
        }
        value = value << 4 | UInt32(digit)
        position += 1
      }
      return value
    }
  }
}
