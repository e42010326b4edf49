import Glibc

// Only files in this folder call the C library. A port to another system changes these files and no
// others.

/// A failed system call.
package struct SystemFailure: Error, Equatable, CustomStringConvertible {
  /// The error number.
  package let code: Int32

  /// Why the previous call failed.
  package static var last: SystemFailure { SystemFailure(code: errno) }

  /// For a write of zero bytes without an error number: there is no room.
  package static let noSpace = SystemFailure(code: ENOSPC)
  package static let notAFolder = SystemFailure(code: ENOTDIR)
  package static let linkLoop = SystemFailure(code: ELOOP)
  package static let noMemory = SystemFailure(code: ENOMEM)
  package static let unsupported = SystemFailure(code: ENOTSUP)
  /// The file ended before its declared size.
  package static let inputOutput = SystemFailure(code: EIO)

  /// Whether the file or one of its parent folders doesn't exist.
  package var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
  /// Whether the name doesn't exist, and no file is in the place of a parent folder.
  package var isMissingName: Bool { code == ENOENT }
  /// Whether the name exists already, including a folder that isn't empty.
  package var isPresence: Bool { code == EEXIST || code == ENOTEMPTY }
  /// Whether this kind of file doesn't support the call.
  package var isUnsupported: Bool { code == EINVAL || code == ENOTSUP }
  /// Whether memory or descriptors have run out, which says nothing about the file.
  package var isShortage: Bool { code == ENOMEM || code == EMFILE || code == ENFILE }
  package var isInterruption: Bool { code == EINTR }

  /// The system's message.
  package var description: String { String(cString: strerror(code)) }
}
