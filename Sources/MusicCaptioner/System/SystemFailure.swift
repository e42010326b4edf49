import Glibc

// The files of this folder are the only ones that call the C library. A port to another system
// changes them and no others.

/// What the system refused.
struct SystemFailure: Error, Equatable, CustomStringConvertible {
  /// The system's number for it.
  let code: Int32

  /// Why the call before failed.
  static var last: SystemFailure { SystemFailure(code: errno) }

  /// A write of nothing, without a reason: there is no room.
  static let noSpace = SystemFailure(code: ENOSPC)
  static let notAFolder = SystemFailure(code: ENOTDIR)
  static let noMemory = SystemFailure(code: ENOMEM)
  /// The file ended before what it was said to hold.
  static let inputOutput = SystemFailure(code: EIO)

  /// Whether there is no such file, or no folder on the way to it.
  var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
  /// Whether nothing has the name, and no file stands where a folder on the way to it should.
  var isMissingName: Bool { code == ENOENT }
  /// Whether something of that name is there, a folder that holds files included.
  var isPresence: Bool { code == EEXIST || code == ENOTEMPTY }
  /// Whether the file is of a kind that doesn't know the call.
  var isUnsupported: Bool { code == EINVAL || code == ENOTSUP }
  var isInterruption: Bool { code == EINTR }

  /// The system's words.
  var description: String { String(cString: strerror(code)) }
}
