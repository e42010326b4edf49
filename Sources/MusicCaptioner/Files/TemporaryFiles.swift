import Foundation
import Synchronization

/// The files that this process is writing under temporary names, `NAME.tmp-PROCESS-SESSION-RANDOM`,
/// beside the files that they will replace.
package enum TemporaryFiles {
  /// Different in every process, even if process ids are reused.
  private static let session = "\(SystemProcess.number)-\(UInt32.random(in: 0...UInt32.max))"
  private static let unfinished = Mutex<Set<String>>([])

  /// A new name beside `url`.
  package static func name(beside url: URL) -> URL {
    let name =
      "\(beginning(url.lastPathComponent)).tmp-\(session)-\(UInt32.random(in: 0...UInt32.max))"
    return url.deletingLastPathComponent().appending(path: name)
  }

  /// What a file will be called once the folder that it is in has its own name; for messages, as a long name is cut.
  package static func finalPath(_ path: String) -> String {
    let mark = ".tmp-\(session)-"
    guard path.contains(mark) else { return path }
    return path.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.firstRange(of: mark).map { part[..<$0.lowerBound] } ?? part
    }.joined(separator: "/")
  }

  /// A name may have 255 bytes; a temporary one ends in up to 38 more.
  private static func beginning(_ name: String) -> String {
    var bytes = 0
    let kept = name.unicodeScalars.prefix { scalar in
      bytes += UTF8.width(scalar)
      return bytes <= 200
    }
    return String(kept)
  }

  /// Registers a file that will be written.
  ///
  /// - Parameter clearsLeftovers: Whether to remove temporary files that killed processes left for it.
  /// - Returns: Its temporary name.
  package static func begin(beside url: URL, clearsLeftovers: Bool) -> URL {
    if clearsLeftovers {
      removeLeftovers(in: url.deletingLastPathComponent(), of: url.lastPathComponent)
    }
    let temporary = name(beside: url)
    unfinished.withLock { _ = $0.insert(temporary.path) }
    return temporary
  }

  /// The file has been renamed or removed.
  package static func end(_ path: String) { unfinished.withLock { _ = $0.remove(path) } }

  /// Removes the unfinished files of this process before it exits.
  package static func removeUnfinished() {
    unfinished.withLock { paths in
      for path in paths { FileNames.remove(path) }
    }
  }

  /// Removes what killed processes left in `folder`. Files that a running process is writing are
  /// kept.
  ///
  /// - Parameter name: The file that was to be written; any if nil.
  package static func removeLeftovers(in folder: URL, of wanted: String? = nil) {
    let wanted = wanted.map(beginning)
    for name in (try? Folders.names(in: folder.path)) ?? [] {
      guard let mark = name.range(of: ".tmp-", options: .backwards),
        wanted.map({ $0 == name[..<mark.lowerBound] }) ?? true
      else { continue }
      let parts = name[mark.upperBound...].split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 3, let process = Int32(parts[0]), process > 0,
        UInt32(parts[1]) != nil, UInt32(parts[2]) != nil
      else { continue }
      let isOurs = "\(parts[0])-\(parts[1])" == session
      let isAnothers = process != SystemProcess.number && SystemProcess.isAlive(process)
      if isOurs || isAnothers { continue }
      Folders.remove(PathName.join(folder.path, name))
    }
  }
}
