import COneDNN
import COpenBLAS

/// The libraries that multiply matrices, both loaded at run time: OpenBLAS, and oneDNN where it is there.
package enum MatrixLibraries {
  /// Loads them, which otherwise happens before the first product.
  ///
  /// - Throws: `LibraryError` if OpenBLAS can't be loaded.
  package static func load() throws(LibraryError) {
    switch cob_load() {
    case COB_LOADED: break
    case COB_MISSING: throw LibraryError(isMissing: true)
    default: throw LibraryError(isMissing: false)
    }
    // At `exit`, whatever was registered last runs first: what oneDNN registers when it is loaded comes after the
    // gate is closed.
    _ = cod_has_float32()
    _ = isGateRegistered
  }

  private static let isGateRegistered: Void = ProductGate.closeAtExit()

  /// What is done once, before the first product.
  static let areReady: Void = {
    do throws(LibraryError) {
      try load()
    } catch {
      preconditionFailure(error.description)
    }
  }()
}

/// OpenBLAS can't be loaded.
package struct LibraryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Whether it isn't there at all.
  let isMissing: Bool

  package var description: String {
    isMissing
      ? "OpenBLAS (libopenblas.so.0), which multiplies matrices, is missing; install the Debian package "
        + "libopenblas0"
      : "OpenBLAS (libopenblas.so.0), which multiplies matrices, can't be loaded: the system refuses "
        + "memory or files (see ulimit -v and -n), or the library is damaged"
  }
}
