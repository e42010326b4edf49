import Foundation

/// Parts of paths, found by bytes: a slash or dot with a combining mark after it is another Character.
package enum PathName {
  /// What follows the last slash.
  package static func last(_ path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) }
      ?? path
  }

  /// The folder that a path's last part is in.
  package static func folder(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  package static func join(_ folder: String, _ name: String) -> String {
    folder.utf8.last == UInt8(ascii: "/") ? folder + name : "\(folder)/\(name)"
  }

  /// The path itself if it is absolute, otherwise the one in the folder.
  package static func resolve(_ path: String, in folder: String) -> String {
    isAbsolute(path) ? path : join(folder, path)
  }

  private static func isAbsolute(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "/") }

  /// What follows the last dot of a file's name, in small letters; empty if there is none.
  package static func ending(_ name: String) -> String {
    guard let dot = lastDot(name) else { return "" }
    return name[name.utf8.index(after: dot)...].lowercased()
  }

  /// A file's name without its ending.
  package static func stem(_ name: String) -> String {
    lastDot(name).map { String(name[..<$0]) } ?? name
  }

  /// Neither that of a hidden file nor the last character.
  private static func lastDot(_ name: String) -> String.Index? {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex,
      name.utf8.index(after: dot) != name.endIndex
    else { return nil }
    return dot
  }

  /// Whether listings leave the name out.
  package static func isHidden(_ name: String) -> Bool { name.utf8.first == UInt8(ascii: ".") }

  /// Whether there is anything at the path.
  package static func exists(_ path: String) -> Bool { (try? FileStatus(of: path)) != nil }

  /// The most bytes of a name on Linux's file systems.
  package static let longestName = 255

  /// As the system counts them.
  package static func byteCount(_ name: String) -> Int { PathText.bytes(name).count - 1 }

  /// The bytes of a name as a URL has them.
  package static func percentEncoded(_ name: String) -> String {
    PathText.bytes(name).dropLast().map { byte in
      let scalar = UnicodeScalar(UInt8(bitPattern: byte))
      switch scalar {
      case "A"..."Z", "a"..."z", "0"..."9", "-", ".", "_", "~": return String(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }.joined()
  }

  /// The file as the system finds it: a URL of a relative path takes `link/..` for the folder that the link is in,
  /// and `~` for somebody's home.
  package static func url(_ path: String) -> URL {
    let path = resolve(path, in: FileNames.currentFolder)
    return URL(fileURLWithPath: path, isDirectory: false)
  }
}
