/// Removes the API key from what a server says, however the server writes it: as it is, or with
/// escapes of JSON, of addresses or of HTML.
struct KeyMask: Sendable {
  private let key: [UInt8]

  init(_ key: String) { self.key = Array(key.utf8) }

  /// A beginning of the key is masked too if it has at least half of it: a server, or a proxy on the
  /// way, may have cut its message.
  func masked(_ text: String) -> String {
    guard let first = key.first else { return text }
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      if Self.mayBegin(bytes[position], first), let end = end(of: bytes, from: position) {
        output += "***".utf8
        position = end
      } else {
        output.append(bytes[position])
        position += 1
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func mayBegin(_ byte: UInt8, _ first: UInt8) -> Bool {
    byte == first || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "%")
      || byte == UInt8(ascii: "&")
  }

  /// The end of the key that begins at `start`, or nil if it doesn't.
  private func end(of bytes: [UInt8], from start: Int) -> Int? {
    var position = start
    var count = 0
    while count < key.count, let length = Self.length(of: key[count], in: bytes, at: position) {
      position += length
      count += 1
    }
    let isEnough = count == key.count || count >= 8 && 2 * count >= key.count
    return isEnough ? position : nil
  }

  /// The number of bytes in which the character stands at `position`; nil if another one does.
  private static func length(of character: UInt8, in bytes: [UInt8], at position: Int) -> Int? {
    guard position < bytes.count else { return nil }
    let rest = bytes[position...]
    switch bytes[position] {
    case UInt8(ascii: "\\"):
      if rest.dropFirst().first == UInt8(ascii: "u") {
        if value(rest.dropFirst(2).prefix(4), radix: 16, count: 4) == character { return 6 }
      }
      // A server may escape what it quotes twice.
      let slashes = rest.prefix(4).prefix { $0 == UInt8(ascii: "\\") }.count
      if rest.dropFirst(slashes).first == character { return slashes + 1 }
    case UInt8(ascii: "%"):
      if value(rest.dropFirst().prefix(2), radix: 16, count: 2) == character { return 3 }
    case UInt8(ascii: "&"):
      if let length = lengthOfEntity(character, rest) { return length }
    default: break
    }
    return bytes[position] == character ? 1 : nil
  }

  private static func lengthOfEntity(_ character: UInt8, _ rest: ArraySlice<UInt8>) -> Int? {
    let name = rest.dropFirst().prefix(8).prefix { $0 != UInt8(ascii: ";") }
    guard name.count < 8 else { return nil }
    let names: [String: Character] = [
      "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "sol": "/", "plus": "+",
      "equals": "=",
    ]
    let text = String(decoding: name, as: UTF8.self)
    let value: UInt8? =
      if text.hasPrefix("#x") || text.hasPrefix("#X") {
        UInt8(text.dropFirst(2), radix: 16)
      } else if text.hasPrefix("#") {
        UInt8(text.dropFirst())
      } else {
        names[text]?.asciiValue
      }
    return value == character ? name.count + 2 : nil
  }

  private static func value(_ digits: ArraySlice<UInt8>, radix: Int, count: Int) -> UInt8? {
    guard digits.count == count else { return nil }
    return UInt8(String(decoding: digits, as: UTF8.self), radix: radix)
  }
}
