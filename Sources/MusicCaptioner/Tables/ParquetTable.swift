/// Reads the rows of a Parquet file one by one, and its row groups one after another: at any time, a
/// page of each column is in memory.
struct ParquetTable {
  private let file: RandomAccessFile
  private let rowGroups: [ParquetMetadata.RowGroup]
  private let nodes: [(name: String, node: ParquetNode)]
  private let columnCount: Int
  /// The column whose embedded files count as those of the rows.
  private let embeddedName: String?

  private var group = -1
  private var rowsLeft = 0
  private var rowCount = 0
  /// By the index of the column.
  private var readers: [ParquetColumnReader?] = []
  /// The bytes of all values so far, and of this row: a few bytes can stand for many equal values.
  private var (byteCount, rowByteCount) = (0, 0)

  /// - Parameter columns: The names of the columns to read, besides those of files; all if nil.
  init(_ file: RandomAccessFile, columns wanted: Set<String>? = nil) throws(FileError) {
    let metadata = try ParquetMetadata(file)
    let schema: ParquetSchema
    do throws(ParquetFault) {
      schema = try ParquetSchema(metadata.elements)
      for group in metadata.rowGroups where group.chunks.count != schema.columns.count {
        throw ParquetFault("a row group that lacks columns")
      }
    } catch {
      throw error.error(in: file.name)
    }
    self.file = file
    rowGroups = metadata.rowGroups
    columnCount = schema.columns.count
    nodes = schema.nodes.filter { wanted?.contains($0.name) ?? true || $0.node.file != nil }
    let files = nodes.filter { $0.node.file != nil }.map(\.name)
    embeddedName = files.contains("audio") ? "audio" : files.first
  }

  /// The next row, with its number in place of a line; nil at the end.
  mutating func next() throws(FileError) -> TableRow? {
    do throws(ParquetFault) {
      while rowsLeft == 0 {
        for case let reader? in readers where !reader.isAtEnd {
          throw ParquetFault("more values than rows")
        }
        group += 1
        guard group < rowGroups.count else { return nil }
        try openGroup()
      }
      rowByteCount = 0
      var fields = JSONObject()
      var embedded: EmbeddedFile?
      for (name, node) in nodes {
        let value = try value(of: node, isRowStart: true)
        fields.append(name, value)
        guard name == embeddedName, let column = node.file, let path = file.path else { continue }
        if value != .null, hasOnlyPaths(column) { continue }
        var place = EmbeddedFile(
          table: path, column: column, rowGroup: group,
          row: rowGroups[group].rowCount - rowsLeft)
        if case .text(let text) = value, rowGroups[group].chunks[column].nullCount != 0 {
          place.path = text
        }
        embedded = place
      }
      rowsLeft -= 1
      rowCount += 1
      return TableRow(line: rowCount, value: .object(fields), embedded: embedded)
    } catch {
      throw error.error(in: file.name, row: rowCount + 1)
    }
  }

  private mutating func openGroup() throws(ParquetFault) {
    rowsLeft = rowGroups[group].rowCount
    readers = Array(repeating: nil, count: columnCount)
    for (_, node) in nodes {
      for column in node.columns {
        readers[column.index] = try ParquetColumnReader(column, of: rowGroups[group], in: file)
      }
    }
  }

  /// Whether no row of the group has a file.
  private func hasOnlyPaths(_ column: Int) -> Bool {
    let chunk = rowGroups[group].chunks[column]
    return chunk.nullCount == chunk.valueCount
  }

  // MARK: Values from their levels

  private func levels(
    of node: ParquetNode
  ) throws(ParquetFault) -> (repetition: Int, definition: Int)? {
    guard let column = node.firstColumn else { return nil }
    return try readers[column]?.peek()
  }

  private mutating func value(
    of node: ParquetNode, isRowStart: Bool = false
  ) throws(ParquetFault) -> JSONValue {
    switch node {
    case .value(let column):
      guard let value = try readers[column.index]?.take() else { throw .endsEarly }
      try charge(value)
      return value
    case .optional(let content, let definitionLevel):
      // A file without a path has no column from which to tell.
      if let levels = try levels(of: content), levels.definition < definitionLevel {
        try passOver(content)
        return .null
      }
      return try value(of: content, isRowStart: isRowStart)
    case .group(let parts):
      var object = JSONObject()
      for (name, node) in parts { object.append(name, try value(of: node)) }
      return .object(object)
    case .file(_, let path?): return try value(of: path)
    case .file(_, nil): return .null
    case .list(let element, let definitionLevel, let repetitionLevel):
      guard let levels = try levels(of: element) else { throw .endsEarly }
      if isRowStart, levels.repetition != 0 { throw ParquetFault("a row that begins in a list") }
      guard levels.definition >= definitionLevel else {
        try passOver(element)
        return .list([])
      }
      var elements: [JSONValue] = []
      repeat {
        elements.append(try value(of: element))
      } while try self.levels(of: element)?.repetition == repetitionLevel
      return .list(elements)
    }
  }

  /// Takes the mark of something missing from all columns below.
  private mutating func passOver(_ node: ParquetNode) throws(ParquetFault) {
    for column in node.columns {
      _ = try readers[column.index]?.take()
      try charge(.null)
    }
  }

  private mutating func charge(_ value: JSONValue) throws(ParquetFault) {
    let count =
      switch value {
      case .text(let text), .number(let text): 16 + text.utf8.count
      default: 16
      }
    rowByteCount += count
    byteCount += count
    guard rowByteCount <= FileLimits.recordBytes else {
      throw ParquetFault(
        "a row of more than \(FileLimits.recordBytes >> 20) MiB", expected: "a smaller one")
    }
    guard byteCount <= 1 << 26 + 64 * file.size else {
      throw ParquetFault("values that take 64 times the space of the file", expected: "a table")
    }
  }
}

extension ParquetNode {
  /// The column of embedded files that this is.
  fileprivate var file: Int? {
    switch self {
    case .file(let column, _): column
    case .optional(let node, _): node.file
    default: nil
    }
  }
}
