/// A JSON value, or a field of a table.
package enum JSONValue: Equatable, Sendable {
  case null
  case truth(Bool)
  /// A number as written, so that an id such as 00123 or 2^60 is preserved.
  case number(String)
  case text(String)
  case list([JSONValue])
  case object(JSONObject)

  package init(_ value: Int) { self = .number("\(value)") }

  /// JSON can't represent infinity and NaN: null says that there was a value, but not a number.
  package init(_ value: Double) { self = value.isFinite ? .number("\(value)") : .null }

  package init(_ value: String) { self = .text(value) }
  package init(_ values: [String]) { self = .list(values.map(JSONValue.text)) }
  package init(_ values: [Int]) { self = .list(values.map { JSONValue($0) }) }

  /// A member of an object; nil if this isn't an object or has no such member.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let object) = self else { return nil }
    return object[key]
  }

  /// An integer, unless it is too large for `Int`.
  package var integer: Int? {
    guard case .number(let text) = self else { return nil }
    return Int(text)
  }

  /// The elements of a list that contains only such integers.
  package var integers: [Int]? {
    guard case .list(let elements) = self else { return nil }
    let integers = elements.compactMap(\.integer)
    return integers.count == elements.count ? integers : nil
  }

  package var double: Double? {
    guard case .number(let text) = self else { return nil }
    return Double(text)
  }

  /// The kind of value, for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .truth(let value): "\(value)"
    case .number(let text): excerpt(text)
    case .text(let text): "\"\(excerpt(text))\""
    case .list: "a list"
    case .object: "an object"
    }
  }
}

/// Members in the order in which they were written or set.
///
/// Keys are compared by their bytes: `String` considers canonically equivalent keys (é and e + ◌́)
/// equal, but a vocabulary may contain both.
package struct JSONObject: Equatable, Sendable, ExpressibleByDictionaryLiteral {
  package struct Member: Equatable, Sendable {
    let key: String
    var value: JSONValue
  }

  private(set) var members: [Member] = []

  package init() {}

  package init(_ members: [(String, JSONValue)]) {
    self.members = members.map { Member(key: $0.0, value: $0.1) }
  }

  package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

  /// For repeated keys the last member counts, as in Python. Setting nil removes all of them.
  package subscript(key: String) -> JSONValue? {
    get { members.last { Self.isSame($0.key, key) }?.value }
    set {
      guard let newValue else { return members.removeAll { Self.isSame($0.key, key) } }
      if let index = members.lastIndex(where: { Self.isSame($0.key, key) }) {
        members[index].value = newValue
      } else {
        append(key, newValue)
      }
    }
  }

  /// The members by key; for repeated keys, the last.
  package var lastByKey: [String: JSONValue] {
    Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }

  /// Appends a member without looking for one with the same key.
  package mutating func append(_ key: String, _ value: JSONValue) {
    members.append(Member(key: key, value: value))
  }

  package mutating func set(_ key: String, _ value: Int) { self[key] = JSONValue(value) }
  package mutating func set(_ key: String, _ value: Double) { self[key] = JSONValue(value) }
  package mutating func set(_ key: String, _ value: String) { self[key] = JSONValue(value) }
  package mutating func set(_ key: String, _ value: [String]) { self[key] = JSONValue(value) }

  private static func isSame(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
  }
}
