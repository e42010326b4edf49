import Foundation

/// One of the files of a table.
package struct TableFile: Equatable, Sendable {
  package let url: URL
  /// In messages.
  package let name: String
  /// The split that its name or folder tells, as in `train-00000-of-00003.parquet`.
  package let split: String?

  init(_ url: URL, name: String) {
    self.url = url
    self.name = name
    split = TableFormat(name: name) == .parquet ? Self.split(name) : nil
  }

  /// In a folder that is named after its split.
  fileprivate init(_ url: URL, name: String, splitFolder: String) {
    (self.url, self.name) = (url, name)
    split = Self.isSplit(splitFolder) ? splitFolder : nil
  }

  private static let splits: Set<String> = [
    "train", "training", "validation", "valid", "val", "dev", "test", "testing", "eval",
  ]

  /// Whether it is the usual name of a split.
  static func isSplit(_ name: String) -> Bool { splits.contains(name.lowercased()) }

  private static func split(_ path: String) -> String? {
    let parts = path.split(separator: "/")
    let word = parts.last?.split(whereSeparator: { $0 == "-" || $0 == "." || $0 == "_" }).first
    return [word, parts.dropLast().last].compactMap(\.self).map(String.init).first(where: isSplit)
  }
}

/// Finds the files that a path stands for: itself, what a folder holds, or all that match a pattern.
package enum TableFiles {
  /// - Parameter name: How the user writes the path.
  /// - Throws: An error if a folder or a pattern has no table, or a part of one is missing.
  package static func at(_ url: URL, name: String) throws(FileError) -> [TableFile] {
    if let kind = (try? FileStatus(of: url.path))?.kind {
      return kind == .folder ? try checked(inFolder(url, name), name) : [TableFile(url, name: name)]
    }
    guard hasWildcards(name) else { return [TableFile(url, name: name)] }
    let parts = url.path.split(separator: "/").map(String.init)
    let paths = matches("/", parts[...]).sorted()
    guard !paths.isEmpty else {
      throw FileError(.missing, .read, name).expecting(
        "a table whose name matches; * stands for any text in a name, ? for one byte")
    }
    return try checked(paths.map { TableFile(URL(fileURLWithPath: $0), name: $0) }, name)
  }

  // MARK: Folders

  private static let metadata = ["metadata.csv", "metadata.jsonl", "metadata.parquet"]

  private static func inFolder(_ url: URL, _ name: String) throws(FileError) -> [TableFile] {
    func names(_ url: URL, _ name: String) throws(FileError) -> [String] {
      do throws(FileError) {
        return try Folders.names(in: url.path).sorted()
      } catch {
        var error = error
        error.file = name
        throw error
      }
    }
    let items = try names(url, name)
    func tables(_ items: [String], _ folder: String) throws(FileError) -> [String] {
      let shards = items.filter { TableFormat(name: $0) == .parquet && !$0.hasPrefix(".") }
      let named = metadata.first(where: items.contains)
      let read = named.map { [$0] } ?? shards
      let others =
        named == nil ? items.filter(isOtherTable) : metadata.filter(items.contains) + shards
      if let first = read.first, let other = others.first(where: { !read.contains($0) }) {
        throw FileError(
          .value(
            place: "", found: "\"\(excerpt(other))\" beside \"\(excerpt(first))\"",
            expected: "one table in a folder; name the one to read, or a pattern with * and ?"),
          .read, folder)
      }
      return read
    }
    let direct = try tables(items, name)
    if !direct.isEmpty {
      return direct.map { TableFile(url.appending(path: $0), name: PathName.join(name, $0)) }
    }
    var found: [TableFile] = []
    for item in items where !item.hasPrefix(".") {
      let folder = url.appending(path: item)
      guard (try? FileStatus(of: folder.path))?.kind == .folder else { continue }
      let inside = PathName.join(name, item)
      for table in try tables(try names(folder, inside), inside) {
        let (url, name) = (
          folder.appending(path: table), PathName.join(inside, table)
        )
        let file = TableFile(url, name: name)
        found.append(file.split == nil ? TableFile(url, name: name, splitFolder: item) : file)
      }
    }
    guard !found.isEmpty else {
      throw FileError(.isFolder, .read, name).expecting(
        "a table, or a folder with metadata.csv, metadata.jsonl or Parquet files")
    }
    return found
  }

  /// Whether it is a table that a folder of Parquet files leaves unread. A .json is more often a description.
  private static func isOtherTable(_ name: String) -> Bool {
    isTable(name) && TableFormat(name: name) != .parquet
  }

  /// Whether a file in a folder of tables is taken for one of them.
  package static func isTable(_ path: String) -> Bool {
    let name = PathName.last(path)
    return !PathName.isHidden(name) && TableFormat(name: name) != nil
      && !name.lowercased().hasSuffix(".json")
  }

  // MARK: Patterns

  private static func hasWildcards(_ text: String) -> Bool {
    text.contains { $0 == "*" || $0 == "?" }
  }

  private static func matches(_ folder: String, _ parts: ArraySlice<String>) -> [String] {
    guard let part = parts.first else { return [folder] }
    let rest = parts.dropFirst()
    let names: [String]
    if hasWildcards(part) {
      names = ((try? Folders.names(in: folder)) ?? []).filter { isMatch($0, part) }
    } else {
      names = [part]
    }
    return names.flatMap { name in
      let path = PathName.join(folder, name)
      let isThere = (try? FileStatus(of: path)).map { rest.isEmpty == ($0.kind != .folder) }
      return isThere == true ? matches(path, rest) : []
    }
  }

  /// Whether a name matches a pattern, in which `*` stands for any text and `?` for a byte. A
  /// leading dot is only matched by a dot, as in a shell.
  static func isMatch(_ name: String, _ pattern: String) -> Bool {
    let (name, pattern) = (Array(name.utf8), Array(pattern.utf8))
    if name.first == UInt8(ascii: "."), pattern.first != UInt8(ascii: ".") { return false }
    var (at, next) = (0, 0)
    // Where the last star is, and the name's place that it has eaten up to.
    var star: (next: Int, at: Int)?
    while at < name.count {
      if next < pattern.count, pattern[next] == UInt8(ascii: "*") {
        star = (next + 1, at)
        next += 1
      } else if next < pattern.count,
        pattern[next] == name[at] || pattern[next] == UInt8(ascii: "?")
      {
        (at, next) = (at + 1, next + 1)
      } else if let last = star {
        star = (last.next, last.at + 1)
        (at, next) = (last.at + 1, last.next)
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  // MARK: Parts

  /// Makes sure that all parts of `train-00000-of-00003.parquet` are there. Older files of Hugging Face have
  /// 16 more digits, different ones for each part: `train-00000-of-00003-557f11f5f8c72ffa.parquet`.
  private static func checked(
    _ files: [TableFile], _ name: String
  ) throws(FileError) -> [TableFile] {
    var parts: [String: Set<Int>] = [:]
    let pattern = /^(.*)-([0-9]{5})-of-([0-9]{5})(?:-[0-9a-f]{16})?(\..*)$/
    for file in files {
      guard let part = file.name.firstMatch(of: pattern), let number = Int(part.2) else { continue }
      parts["\(part.1)/\(part.3)\(part.4)", default: []].insert(number)
    }
    for (whole, numbers) in parts.sorted(by: { $0.key < $1.key }) {
      guard let slash = whole.lastIndex(of: "/"),
        let count = Int(whole[whole.index(after: slash)...].prefix(5)),
        let missing = (0..<count).first(where: { !numbers.contains($0) })
      else { continue }
      let digits = String("\(100_000 + missing)".dropFirst())
      let ending = whole[whole.index(after: slash)...]
      throw FileError(.missing, .read, "\(whole[..<slash])-\(digits)-of-\(ending)")
        .expecting("all \(count) parts of this table")
    }
    return files
  }
}
