/// How a JSON file holds the rows of a table.
enum JSONShape: Equatable {
  /// `[row, row]`, or rows one after another.
  case sequence
  /// `{"id": row, "id": row}`
  case keyed
  /// `{"column": {"0": value, "1": value}}` as pandas writes it by default, or
  /// `{"column": [value, value]}`.
  case columns
  /// `{"data": [row, row]}`: the rows are in the list of this name.
  case member(String)
  /// `{"train": [row, row], "test": [row]}`
  case splits
  /// `{"columns": ["a", "b"], "data": [[1, 2], [3, 4]]}`, with the names of the columns.
  case split([String])

  /// Looks through the file once, in constant memory.
  ///
  /// - Parameter input: At the beginning of the file.
  /// - Throws: `FileError` if the file ends early, or can't be read. Other errors in JSON are left for
  ///   the reading of the rows to report.
  init(of input: ByteReader) throws(FileError) {
    var survey = Survey(JSONReader(input, limitsElements: false))
    do throws(FileError) {
      self = try survey.shape()
    } catch {
      guard survey.isWithinFile else { throw error }
      self = .sequence
    }
  }
}

/// What is known of the members of the object that a file consists of.
private struct Survey {
  private var reader: JSONReader
  private var memberCount = 0
  private var names: NameKinds = []
  private var objects = Objects()
  private var lists = Lists()
  private var columnNames: [String]?

  /// What kinds of names there are among those of members.
  private struct NameKinds: OptionSet {
    let rawValue: Int

    static let columns = NameKinds(rawValue: 1)
    /// As pandas numbers rows.
    static let numbers = NameKinds(rawValue: 2)
    static let others = NameKinds(rawValue: 4)

    init(rawValue: Int) { self.rawValue = rawValue }

    init(_ name: String) {
      if TableColumns.all.contains(name) {
        self = .columns
      } else {
        let isNumber = !name.isEmpty && name.utf8.allSatisfy { (0x30...0x39).contains($0) }
        self = isNumber ? .numbers : .others
      }
    }
  }

  /// The members that are objects.
  private struct Objects {
    var count = 0
    /// The number of members of each; nil if it differs.
    var size: Int?
    /// Of the first one.
    var names: NameKinds = []
  }

  /// The members that are lists.
  private struct Lists {
    struct Places: OptionSet {
      let rawValue: Int

      /// Of a single text.
      static let ofText = Places(rawValue: 1)
      /// Of `data`, with lists of values in it.
      static let ofRows = Places(rawValue: 2)
    }

    var count = 0
    /// The length of each; nil if it differs.
    var length: Int?
    /// What else would be in the place of some of them.
    var places: Places = []
    /// The names of those that hold objects.
    var ofObjects: [String] = []
  }

  init(_ reader: JSONReader) { self.reader = reader }

  /// Whether more of the file can be read.
  var isWithinFile: Bool {
    mutating get { (try? reader.input.peek()) != nil }
  }

  mutating func shape() throws(FileError) -> JSONShape {
    try reader.skipBlank()
    guard try reader.take(UInt8(ascii: "{")) else { return .sequence }
    try forEachMember { (survey, name) throws(FileError) in try survey.look(name) }
    try reader.skipBlank()
    // Another value follows: these are rows.
    guard try reader.input.peek() == nil else { return .sequence }
    if memberCount == 0 { return .keyed }
    if let columnNames, lists.places.contains(.ofRows) { return .split(columnNames) }
    if objects.count == memberCount { return shapeOfObjects }
    if lists.count == memberCount, lists.length != nil, lists.places.contains(.ofText) {
      return .columns
    }
    guard !names.contains(.columns) else { return .sequence }
    if lists.ofObjects.count == memberCount, lists.ofObjects.allSatisfy(TableFile.isSplit) {
      return .splits
    }
    let usual = ["data", "rows", "records"].first { lists.ofObjects.contains($0) }
    if let name = usual ?? (lists.ofObjects.count == 1 ? lists.ofObjects[0] : nil) {
      return .member(name)
    }
    return .sequence
  }

  private var shapeOfObjects: JSONShape {
    if objects.size ?? 0 > 0 {
      let isIndexed = objects.names == .numbers && names != .numbers
      let areColumns = names.contains(.columns) && !objects.names.contains(.columns)
      if isIndexed || areColumns { return .columns }
    }
    return .keyed
  }

  private mutating func look(_ name: String) throws(FileError) {
    memberCount += 1
    names.insert(NameKinds(name))
    switch try reader.input.peek() {
    case UInt8(ascii: "{"): try lookIntoObject()
    case UInt8(ascii: "[") where name == "columns": try lookIntoColumnNames()
    case UInt8(ascii: "["): try lookIntoList(name)
    default: try reader.skipValue()
    }
  }

  private mutating func lookIntoObject() throws(FileError) {
    _ = try reader.input.next()
    objects.count += 1
    var size = 0
    let isFirst = objects.count == 1
    try forEachMember { (survey, name) throws(FileError) in
      size += 1
      if isFirst { survey.objects.names.insert(NameKinds(name)) }
      try survey.reader.skipValue()
    }
    objects.size = isFirst || objects.size == size ? size : nil
  }

  private mutating func lookIntoColumnNames() throws(FileError) {
    lists.count += 1
    reader.input.beginRecord()
    guard case .list(let names) = try reader.element() else { return }
    try reader.input.endRecord()
    var texts: [String] = []
    for name in names {
      switch name {
      case .text(let text), .number(let text): texts.append(text)
      default: return
      }
    }
    columnNames = texts
  }

  private mutating func lookIntoList(_ name: String) throws(FileError) {
    _ = try reader.input.next()
    lists.count += 1
    var length = 0
    try reader.skipBlank()
    let first = try reader.input.peek()
    if try !reader.take(UInt8(ascii: "]")) {
      repeat {
        try reader.skipValue()
        length += 1
        try reader.skipBlank()
      } while try reader.take(UInt8(ascii: ","))
      try reader.expect(UInt8(ascii: "]"), "\"]\"")
    }
    lists.length = lists.count == 1 || lists.length == length ? length : nil
    if length != 1, TableColumns.ofOneText.contains(name) { lists.places.insert(.ofText) }
    if first == UInt8(ascii: "{") || length == 0 { lists.ofObjects.append(name) }
    if name == "data", first == UInt8(ascii: "[") || length == 0 { lists.places.insert(.ofRows) }
  }

  /// Calls `body` at the value of each member of an object whose bracket has been read.
  private mutating func forEachMember(
    _ body: (inout Survey, String) throws(FileError) -> Void
  ) throws(FileError) {
    try reader.skipBlank()
    if try reader.take(UInt8(ascii: "}")) { return }
    repeat {
      try reader.skipBlank()
      reader.input.beginRecord()
      let name = try reader.text()
      try reader.input.endRecord()
      try reader.skipBlank()
      try reader.expect(UInt8(ascii: ":"), "\":\"")
      try reader.skipBlank()
      try body(&self, name)
      try reader.skipBlank()
    } while try reader.take(UInt8(ascii: ","))
    try reader.expect(UInt8(ascii: "}"), "\"}\"")
  }
}
