import Glibc

// The files of this folder are the only ones that call the C library. A port to another system
// changes them and no others.

/// What the system refused.
package struct SystemFailure: Error, Equatable, CustomStringConvertible {
  /// The system's number for it.
  package let code: Int32

  /// Why the call before failed.
  package static var last: SystemFailure { SystemFailure(code: errno) }

  /// A write of nothing, without a reason: there is no room.
  package static let noSpace = SystemFailure(code: ENOSPC)
  package static let notAFolder = SystemFailure(code: ENOTDIR)
  package static let noMemory = SystemFailure(code: ENOMEM)
  package static let unsupported = SystemFailure(code: ENOTSUP)
  /// The file ended before what it was said to hold.
  package static let inputOutput = SystemFailure(code: EIO)

  /// Whether there is no such file, or no folder on the way to it.
  package var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
  /// Whether nothing has the name, and no file stands where a folder on the way to it should.
  package var isMissingName: Bool { code == ENOENT }
  /// Whether something of that name is there, a folder that holds files included.
  package var isPresence: Bool { code == EEXIST || code == ENOTEMPTY }
  /// Whether the file is of a kind that doesn't know the call.
  package var isUnsupported: Bool { code == EINVAL || code == ENOTSUP }
  package var isInterruption: Bool { code == EINTR }

  /// The system's words.
  package var description: String { String(cString: strerror(code)) }
}
