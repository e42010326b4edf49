import Foundation

/// Writes values as JSON.
package enum JSONWriter {
  package enum Layout {
    /// On one line, with a space after each comma and colon, like Python's `json.dumps`.
    case line
    /// On one line without spaces.
    case compact
    /// Objects like `json.dump(…, indent=4)`; lists of plain values stay on one line.
    case report
    /// Like Foundation's `prettyPrinted`, with the members sorted by key.
    case sorted
  }

  package static func text(
    _ value: JSONValue, _ layout: Layout = .line, style: QuotedText.Style? = nil
  ) -> String {
    let style = style ?? (layout == .line ? .jsonLine : .json)
    var writer = Writer(layout: layout, style: style)
    writer.append(value, depth: 0)
    return writer.text
  }

  /// A value of one of our types.
  ///
  /// - Throws: Foundation's errors, for numbers that JSON can't represent.
  package static func value(
    _ value: some Encodable, keys: JSONEncoder.KeyEncodingStrategy = .useDefaultKeys
  ) throws -> JSONValue {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = keys
    encoder.outputFormatting = .sortedKeys
    return try JSONReader.document(Array(encoder.encode(value)), name: "\(type(of: value))")
  }
}

private struct Writer {
  package let layout: JSONWriter.Layout
  package let style: QuotedText.Style
  package var text = ""

  package mutating func append(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: text += "null"
    case .truth(let truth): text += truth ? "true" : "false"
    case .number(let number):
      // An id such as 00123 is not a valid JSON number.
      if JSONNumber.isValid(number.utf8) {
        text += number
      } else {
        QuotedText.append(number, to: &text, style)
      }
    case .text(let content): QuotedText.append(content, to: &text, style)
    case .list(let elements):
      append(
        elements, depth, "[", "]",
        spreads: layout == .sorted || layout == .report && elements.contains(where: Self.isObject)
      ) { $0.append($1, depth: depth + 1) }
    case .object(let object):
      let members =
        layout == .sorted ? object.members.sorted { $0.key < $1.key } : object.members
      append(members, depth, "{", "}", spreads: layout == .sorted || layout == .report) {
        QuotedText.append($1.key, to: &$0.text, $0.style)
        $0.text += $0.separator
        $0.append($1.value, depth: depth + 1)
      }
    }
  }

  private var separator: String {
    switch layout {
    case .line, .report: ": "
    case .compact: ":"
    case .sorted: " : "
    }
  }

  /// - Parameter spreads: Whether each element is on its own line.
  private mutating func append<Element>(
    _ elements: [Element], _ depth: Int, _ opening: String, _ closing: String, spreads: Bool,
    _ appendElement: (inout Writer, Element) -> Void
  ) {
    text += opening
    // Foundation spreads empty ones too.
    let isSpread = spreads && (!elements.isEmpty || layout == .sorted)
    for (index, element) in elements.enumerated() {
      if index > 0 { text += isSpread || layout == .compact ? "," : ", " }
      if isSpread { appendLine(depth + 1) }
      appendElement(&self, element)
    }
    if isSpread {
      if elements.isEmpty { text += "\n" }
      appendLine(depth)
    }
    text += closing
  }

  private mutating func appendLine(_ depth: Int) {
    text += "\n" + String(repeating: " ", count: (layout == .report ? 4 : 2) * depth)
  }

  private static func isObject(_ value: JSONValue) -> Bool {
    if case .object = value { true } else { false }
  }
}

extension JSONObject {
  /// On one line, without the newline.
  package var line: String { JSONWriter.text(.object(self)) }
}
