import Foundation
import Glibc

/// Where captions are written to: standard output, or a file that gets its name when it is complete.
///
/// Until then it is `NAME.tmp-…` beside it, to which captions are added as they come. Devices and
/// pipes are written to directly.
final class CaptionOutput {
  private let name: String
  private let descriptor: Int32
  /// What to rename, and into what; nil where writing is all.
  private let rename: (temporary: String, final: String)?
  private var isOpen = true

  /// - Parameter path: The file, or nil for standard output.
  /// - Throws: Where it can't be written.
  init(_ path: String?) throws(CaptionerError) {
    guard let path else {
      name = "standard output"
      descriptor = STDOUT_FILENO
      rename = nil
      return
    }
    name = path
    let url = URL(fileURLWithPath: path, isDirectory: false).resolvingSymlinksInPath()
    var status = stat()
    let exists = stat(url.path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if exists && kind != S_IFREG {
      rename = nil
      descriptor = open(url.path, O_WRONLY | O_CLOEXEC)
    } else {
      let temporary = TemporaryFiles.url(for: url).path
      TemporaryFiles.begin(temporary)
      rename = (temporary, url.path)
      descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }
    if descriptor < 0 { throw failure() }
  }

  /// Writes lines to standard output.
  ///
  /// - Throws: Where nobody reads it, or it is full.
  static func print(_ text: String) throws(CaptionerError) {
    try CaptionOutput(nil).write(text + "\n")
  }

  deinit { abandon() }

  var isStandardOutput: Bool { descriptor == STDOUT_FILENO }

  var isTerminal: Bool { isatty(descriptor) == 1 }

  func write(_ text: String) throws(CaptionerError) {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure() }
      done += count
    }
  }

  /// Gives the file its name.
  func finish() throws(CaptionerError) {
    guard isOpen, !isStandardOutput else { return }
    guard let rename else {
      isOpen = false
      if close(descriptor) != 0 { throw failure() }
      return
    }
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure() }
    guard Glibc.rename(rename.temporary, rename.final) == 0 else { throw failure() }
    TemporaryFiles.end(rename.temporary)
    isOpen = false
    if close(descriptor) != 0 { throw failure() }
  }

  /// Leaves what had the name before as it was.
  func abandon() {
    guard isOpen, descriptor >= 0, !isStandardOutput else { return }
    isOpen = false
    close(descriptor)
    guard let rename else { return }
    unlink(rename.temporary)
    TemporaryFiles.end(rename.temporary)
  }

  private func failure() -> CaptionerError {
    CaptionerError(.unwritable(String(cString: strerror(errno))), place: name)
  }
}
