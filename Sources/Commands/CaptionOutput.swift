import MusicCaptioner
import Foundation

/// Where captions are written to: standard output, or a file that gets its name when it is complete.
///
/// Until then it is `NAME.tmp-…` beside it, to which captions are added as they come. Devices and
/// pipes are written to directly.
final class CaptionOutput {
  private let name: String
  private let descriptor: Descriptor
  /// What to rename, and into what; nil where writing is all.
  private let rename: (temporary: String, final: String)?
  private var isOpen = true

  /// - Parameter path: The file, or nil for standard output.
  /// - Throws: Where it can't be written.
  init(_ path: String?) throws(CaptionerError) {
    guard let path else {
      name = "standard output"
      descriptor = .standardOutput
      rename = nil
      return
    }
    name = path
    let url = URL(fileURLWithPath: path, isDirectory: false).resolvingSymlinksInPath()
    let kind = (try? FileStatus(of: url.path))?.kind
    do throws(SystemFailure) {
      if let kind, kind != .regular {
        rename = nil
        descriptor = try Descriptor(opening: url.path, for: .writing)
      } else {
        let temporary = TemporaryFiles.begin(beside: url).path
        rename = (temporary, url.path)
        descriptor = try Descriptor(opening: temporary, for: .creating)
      }
    } catch {
      throw CaptionerError(.unwritable(error.description), place: path)
    }
  }

  /// Writes lines to standard output.
  ///
  /// - Throws: Where nobody reads it, or it is full.
  static func print(_ text: String) throws(CaptionerError) {
    try CaptionOutput(nil).write(text + "\n")
  }

  deinit { abandon() }

  var isStandardOutput: Bool { descriptor == .standardOutput }

  var isTerminal: Bool { descriptor.isTerminal }

  func write(_ text: String) throws(CaptionerError) {
    try writing { () throws(SystemFailure) in try descriptor.write(Array(text.utf8)) }
  }

  /// Gives the file its name.
  func finish() throws(CaptionerError) {
    guard isOpen, !isStandardOutput else { return }
    guard let rename else {
      isOpen = false
      return try writing { () throws(SystemFailure) in try descriptor.close() }
    }
    try writing { () throws(SystemFailure) in
      try descriptor.synchronize()
      try FileNames.move(rename.temporary, to: rename.final)
      TemporaryFiles.end(rename.temporary)
      isOpen = false
      try descriptor.close()
    }
  }

  /// Leaves what had the name before as it was.
  func abandon() {
    guard isOpen, !isStandardOutput else { return }
    isOpen = false
    descriptor.drop()
    guard let rename else { return }
    FileNames.remove(rename.temporary)
    TemporaryFiles.end(rename.temporary)
  }

  private func writing(_ body: () throws(SystemFailure) -> Void) throws(CaptionerError) {
    do {
      try body()
    } catch {
      throw CaptionerError(.unwritable(error.description), place: name)
    }
  }
}
