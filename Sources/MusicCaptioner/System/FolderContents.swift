import Glibc

extension FileNames {
  /// The names in a folder, in no particular order.
  package static func contents(of path: String) throws(SystemFailure) -> [String] {
    guard let folder = opendir(PathText.bytes(path)) else { throw .last }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      // The end and a failure differ only in this.
      errno = 0
      guard let entry = readdir(folder) else { break }
      let name = name(of: entry)
      if name != [UInt8(ascii: ".")] && name != [UInt8(ascii: "."), UInt8(ascii: ".")] {
        names.append(PathText.text(name))
      }
    }
    let failure = SystemFailure.last
    guard failure.code == 0 else { throw failure }
    return names
  }

  /// An entry is only as long as its name: copying the whole structure would read beyond it.
  private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    let start = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    let bytes = UnsafeRawBufferPointer(
      start: UnsafeRawPointer(entry) + start, count: Int(entry.pointee.d_reclen) - start)
    return Array(bytes.prefix { $0 != 0 })
  }

  /// The folder that relative paths start from.
  package static var currentFolder: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard getcwd(&buffer, buffer.count) != nil else { return "." }
    return PathText.text(buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)))
  }

  package static func isLink(_ path: String) -> Bool { linkTarget(path) != nil }

  /// The path that a link leads to, and its link, and so on: what is created or replaced by writing to it.
  package static func linkEnd(_ path: String) throws(SystemFailure) -> String {
    var path = path
    for _ in 0..<40 {
      guard let target = linkTarget(path) else { return path }
      let slash = UInt8(ascii: "/")
      let folder = path.utf8.lastIndex(of: slash).map { String(path[...$0]) } ?? ""
      path = target.utf8.first == slash ? target : folder + target
    }
    throw .linkLoop
  }

  /// What a link contains; nil if the path isn't a link.
  private static func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(PathText.bytes(path), &buffer, buffer.count)
    return count < 0 ? nil : PathText.text(buffer.prefix(count).map(UInt8.init(bitPattern:)))
  }
}
