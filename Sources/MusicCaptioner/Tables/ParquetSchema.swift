/// A column without parts: values of one type, which may be missing or repeated.
struct ParquetColumn {
  let name: String
  /// Its place among the columns of a row group.
  let index: Int
  let type: ParquetMetadata.PhysicalType
  /// Of a value of `fixedBytes`.
  let byteCount: Int
  let logicalType: ParquetLogicalType
  /// The level at which a value is there.
  let definitionLevel: Int
  let repetitionLevel: Int
}

/// A column of a table, and what it consists of.
indirect enum ParquetNode {
  case value(ParquetColumn)
  /// Columns with names.
  case group([(name: String, node: ParquetNode)])
  /// Elements; present at one level, and repeated at another.
  case list(ParquetNode, definitionLevel: Int, repetitionLevel: Int)
  /// What may be missing, and the level at which it is there.
  case optional(ParquetNode, definitionLevel: Int)
  /// A file inside of the table, with the column of its path if there is one.
  case file(column: Int, path: ParquetNode?)

  /// The columns that are read.
  var columns: [ParquetColumn] {
    switch self {
    case .value(let column): [column]
    case .group(let parts): parts.flatMap(\.node.columns)
    case .list(let node, _, _), .optional(let node, _): node.columns
    case .file(_, let path): path?.columns ?? []
    }
  }

  /// The index of the first column that is read, whose levels tell whether something is there.
  var firstColumn: Int? {
    switch self {
    case .value(let column): column.index
    case .group(let parts): parts.first?.node.firstColumn
    case .list(let node, _, _), .optional(let node, _): node.firstColumn
    case .file(_, let path): path?.firstColumn
    }
  }
}

/// The tree of a table's columns.
struct ParquetSchema {
  private(set) var nodes: [(name: String, node: ParquetNode)] = []
  /// All columns without parts, in their order.
  private(set) var columns: [ParquetColumn] = []
  private let elements: [ParquetMetadata.Element]
  private var next = 0
  private static let depthLimit = 33

  init(_ elements: [ParquetMetadata.Element]) throws(ParquetFault) {
    self.elements = elements
    let root = try take()
    for _ in 0..<root.childCount {
      let element = try take()
      nodes.append((element.name, try node(element, Levels())))
    }
    guard next == elements.count else { throw ParquetFault("columns that belong to none") }
    var seen: Set<String> = []
    for (name, _) in nodes where !seen.insert(name).inserted {
      throw ParquetFault(
        "two columns named \"\(excerpt(name))\"", expected: "different names")
    }
  }

  private struct Levels {
    var definition = 0
    var repetition = 0
    var depth = 1
  }

  private mutating func take() throws(ParquetFault) -> ParquetMetadata.Element {
    guard next < elements.count else { throw ParquetFault("fewer columns than promised") }
    defer { next += 1 }
    return elements[next]
  }

  /// What an element and those below it mean.
  private mutating func node(
    _ element: ParquetMetadata.Element, _ levels: Levels
  ) throws(ParquetFault) -> ParquetNode {
    var levels = levels
    levels.depth += 1
    switch element.repetition {
    case .required: return try content(element, levels)
    case .optional:
      levels.definition += 1
      return .optional(try content(element, levels), definitionLevel: levels.definition)
    case .repeated:
      // Without a list around it: the older way to write one.
      levels.definition += 1
      levels.repetition += 1
      return .list(
        try content(element, levels), definitionLevel: levels.definition,
        repetitionLevel: levels.repetition)
    }
  }

  private mutating func content(
    _ element: ParquetMetadata.Element, _ levels: Levels
  ) throws(ParquetFault) -> ParquetNode {
    // Here, because lists within lists come here without passing through `node`.
    guard levels.depth <= Self.depthLimit else { throw ParquetFault("columns that nest too deep") }
    if element.childCount == 0, let type = element.type {
      let column = ParquetColumn(
        name: element.name, index: columns.count, type: type, byteCount: element.byteCount,
        logicalType: element.logicalType, definitionLevel: levels.definition,
        repetitionLevel: levels.repetition)
      columns.append(column)
      return .value(column)
    }
    // A map is a list of keys and values.
    if element.logicalType == .list || element.logicalType == .map, element.childCount == 1,
      next < elements.count,
      elements[next].repetition == .repeated
    {
      return try list(named: element.name, levels)
    }
    var parts: [(name: String, node: ParquetNode)] = []
    for _ in 0..<element.childCount {
      let part = try take()
      parts.append((part.name, try node(part, levels)))
    }
    guard !parts.isEmpty else { throw ParquetFault("a group without columns") }
    let isOutermost = levels.depth == 2 && levels.repetition == 0
    return (isOutermost ? Self.file(parts) : nil) ?? .group(parts)
  }

  /// A list as the format prescribes it, or one of its older forms, in which the repeated part is the
  /// element itself.
  private mutating func list(
    named name: String, _ levels: Levels
  ) throws(ParquetFault) -> ParquetNode {
    let repeated = try take()
    var levels = levels
    levels.depth += 1
    levels.definition += 1
    levels.repetition += 1
    let isElement =
      repeated.childCount != 1 || repeated.name == "array" || repeated.name == name + "_tuple"
      || repeated.logicalType == .list || repeated.logicalType == .map
    let element = isElement ? repeated : try take()
    let node = isElement ? try content(element, levels) : try self.node(element, levels)
    return .list(
      node, definitionLevel: levels.definition, repetitionLevel: levels.repetition)
  }

  /// Sounds and images as Hugging Face's `datasets` writes them: `struct<bytes: binary, path:
  /// string>`.
  private static func file(_ parts: [(name: String, node: ParquetNode)]) -> ParquetNode? {
    guard parts.count <= 2, let bytes = parts.first(where: { $0.name == "bytes" })?.node.columns,
      bytes.count == 1, bytes[0].type == .bytes, bytes[0].logicalType == .none
    else { return nil }
    let path = parts.first { $0.name != "bytes" }
    guard path == nil || path?.name == "path" else { return nil }
    return .file(column: bytes[0].index, path: path?.node)
  }
}
