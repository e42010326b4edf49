/// Reads the rows of a JSON file in any of its shapes. All but `columns` are read in constant
/// memory.
struct JSONTable {
  private var reader: JSONReader
  private let shape: JSONShape
  private var place = Place.beginning
  private var columns: [(name: String, values: [JSONValue])] = []
  private var keys: [String?] = []
  private var rowCount = 0
  /// Whether rows are as the server of Hugging Face's data sets answers.
  private var areServed = false
  /// The split whose list is being read, and whether a row of it has been.
  private var split: (name: String, hasRows: Bool)?

  private enum Place { case beginning, inside, end }

  init(_ input: TableInput) throws(FileError) {
    shape = try JSONShape(of: try input.open())
    reader = JSONReader(try input.open())
    if case .split(let names) = shape { try checkNames(names) }
  }

  /// The next row, with the line on which it begins and its key; nil at the end.
  mutating func next() throws(FileError) -> TableRow? {
    switch shape {
    case .sequence:
      guard let (line, value) = try reader.nextElement() else { return nil }
      return TableRow(line: line, value: value)
    case .keyed: return try nextMember()
    case .member(let name):
      guard let (line, value) = try nextElement(ofMember: name) else { return nil }
      if case .object(let row)? = value["row"], value["row_idx"] != nil {
        areServed = true
        if case .list(let cells)? = value["truncated_cells"], !cells.isEmpty {
          throw error("a row with \"truncated_cells\"", "whole rows; ask for fewer", line: line)
        }
        return TableRow(line: line, value: .object(row))
      }
      return TableRow(line: line, value: value)
    case .split(let names):
      guard let (line, value) = try nextElement(ofMember: "data") else { return nil }
      defer { rowCount += 1 }
      return TableRow(
        line: line, key: rowCount < keys.count ? keys[rowCount] : nil,
        value: try row(value, names, line))
    case .splits: return try nextOfSplits()
    case .columns: return try nextOfColumns()
    }
  }

  private mutating func error(
    _ found: String, _ expected: String, line: Int? = nil
  ) -> FileError { reader.input.syntax(found, expected: expected, line: line) }

  // MARK: Rows under their keys

  private mutating func nextMember() throws(FileError) -> TableRow? {
    guard try hasMember() else { return nil }
    let line = reader.input.line
    let key = try name()
    return TableRow(line: line, key: key, value: try reader.element())
  }

  /// Whether another member of the outermost object follows; consumes what is before it.
  private mutating func hasMember() throws(FileError) -> Bool {
    if place == .end { return false }
    try reader.skipBlank()
    if place == .beginning {
      try reader.expect(UInt8(ascii: "{"), "an object")
    } else if try reader.input.peek() != UInt8(ascii: "}") {
      try reader.expect(UInt8(ascii: ","), "\",\" or \"}\" after a value")
    }
    try reader.skipBlank()
    if try reader.take(UInt8(ascii: "}")) {
      place = .end
      try reader.expectEnd()
      return false
    }
    place = .inside
    return true
  }

  /// The name of a member, which may not be larger than a row. What follows may be.
  private mutating func name() throws(FileError) -> String {
    try reader.skipBlank()
    reader.input.beginRecord()
    let name = try reader.text()
    try reader.input.endRecord()
    try reader.skipBlank()
    try reader.expect(UInt8(ascii: ":"), "\":\" after the name \"\(excerpt(name))\"")
    try reader.skipBlank()
    return name
  }

  // MARK: Rows in a list

  private mutating func nextElement(
    ofMember wanted: String
  ) throws(FileError) -> (line: Int, value: JSONValue)? {
    switch place {
    case .end: return nil
    case .beginning:
      while try hasMember() {
        let name = try name()
        guard name != wanted else { break }
        if case .split = shape, name == "index" { try readIndex() } else { try reader.skipValue() }
      }
      guard place == .inside else { return nil }
      try reader.expect(UInt8(ascii: "["), "a list of rows")
      try reader.skipBlank()
      if try reader.take(UInt8(ascii: "]")) { return try finish() }
    case .inside:
      try reader.skipBlank()
      if try reader.take(UInt8(ascii: "]")) { return try finish() }
      try reader.expect(UInt8(ascii: ","), "\",\" or \"]\" after a row")
    }
    try reader.skipBlank()
    let line = reader.input.line
    return (line, try reader.element())
  }

  /// Passes over what follows the list.
  private mutating func finish() throws(FileError) -> (line: Int, value: JSONValue)? {
    while try hasMember() {
      guard try name() == "partial", areServed else {
        try reader.skipValue()
        continue
      }
      guard try reader.element() != .truth(true) else {
        throw error("\"partial\": true", "a page of a whole table; without this member, it is read")
      }
    }
    return nil
  }

  /// The names of rows, which pandas writes before them.
  private mutating func readIndex() throws(FileError) {
    guard try reader.take(UInt8(ascii: "[")) else { return try reader.skipValue() }
    try reader.skipBlank()
    if try reader.take(UInt8(ascii: "]")) { return }
    repeat {
      try reader.skipBlank()
      switch try reader.element() {
      case .text(let text): keys.append(text)
      // The numbers that pandas gives rows are no names.
      default: keys.append(nil)
      }
      try reader.skipBlank()
    } while try reader.take(UInt8(ascii: ","))
    try reader.expect(UInt8(ascii: "]"), "\",\" or \"]\" after a name")
  }

  private mutating func row(
    _ value: JSONValue, _ names: [String], _ line: Int
  ) throws(FileError) -> JSONValue {
    guard case .list(let values) = value, values.count == names.count else {
      throw error(value.kind, "a list of \(names.count) values, as in \"columns\"", line: line)
    }
    return .object(JSONObject(Array(zip(names, values))))
  }

  private mutating func checkNames(_ names: [String]) throws(FileError) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw error("two columns named \"\(excerpt(name))\"", "different names", line: 1)
    }
  }

  // MARK: Lists of splits

  private mutating func nextOfSplits() throws(FileError) -> TableRow? {
    while true {
      guard let (name, hasRows) = split else {
        guard try hasMember() else { return nil }
        split = (try name(), false)
        try reader.expect(UInt8(ascii: "["), "a list of rows")
        continue
      }
      try reader.skipBlank()
      if try reader.take(UInt8(ascii: "]")) {
        split = nil
        continue
      }
      if hasRows { try reader.expect(UInt8(ascii: ","), "\",\" or \"]\" after a row") }
      split = (name, true)
      try reader.skipBlank()
      let line = reader.input.line
      return TableRow(line: line, split: name, value: try reader.element())
    }
  }

  // MARK: Columns

  private mutating func nextOfColumns() throws(FileError) -> TableRow? {
    if place == .beginning {
      while try hasMember() {
        let line = reader.input.line
        columns.append((try name(), try column(line)))
      }
      try checkNames(columns.map(\.name))
    }
    guard rowCount < columns.first?.values.count ?? 0 else { return nil }
    defer { rowCount += 1 }
    let fields = JSONObject(columns.map { ($0.name, $0.values[rowCount]) })
    return TableRow(
      line: rowCount + 1, key: keys.isEmpty ? nil : keys[rowCount], value: .object(fields))
  }

  /// The values of a column, which has the same keys as the first one.
  private mutating func column(_ line: Int) throws(FileError) -> [JSONValue] {
    let isFirst = columns.isEmpty
    var values: [JSONValue] = []
    let isList = try reader.take(UInt8(ascii: "["))
    if !isList { try reader.expect(UInt8(ascii: "{"), "an object") }
    let end = UInt8(ascii: isList ? "]" : "}")
    try reader.skipBlank()
    if try !reader.take(end) {
      repeat {
        if !isList {
          let key = try name()
          if isFirst { keys.append(key) }
          guard values.count < keys.count, keys[values.count] == key else {
            throw error(
              "the row \"\(excerpt(key))\"", "the same rows in the same order in each column")
          }
        }
        values.append(try reader.element())
        try reader.skipBlank()
      } while try reader.take(UInt8(ascii: ","))
      try reader.expect(end, "\",\" or the end of the column")
    }
    guard isFirst || values.count == columns[0].values.count else {
      throw error("\(values.count) rows", "\(columns[0].values.count), as in the first column")
    }
    return values
  }
}
