import MusicCaptioner

/// Where results are written to: standard output, or a file that gets its name when it is complete.
final class CaptionOutput {
  /// Nil for standard output.
  private let file: FileSink?

  /// - Parameters:
  ///   - path: The file, or nil for standard output.
  ///   - isOneOfMany: Whether there are many in its folder, which its maker has cleared.
  /// - Throws: Where it can't be written.
  init(_ path: String?, isOneOfMany: Bool = false) throws(FileError) {
    guard let path else {
      file = nil
      return
    }
    file = try FileSink(PathName.url(path), name: path, clearsLeftovers: !isOneOfMany)
  }

  /// Writes lines to standard output.
  ///
  /// - Throws: Where nobody reads it, or it is full.
  static func print(_ text: String) throws(FileError) {
    try CaptionOutput(nil).write(text + "\n")
  }

  var isStandardOutput: Bool { file == nil }

  func write(_ text: String) throws(FileError) {
    if text.isEmpty { return }
    guard file?.isTerminal ?? Descriptor.standardOutput.isTerminal else { return try put(text) }
    // Texts of files and models could steer it; and the console may draw on the same terminal.
    try Console.standard.withStatusHidden { () throws(FileError) in
      try put(text.printable(keepsLines: true))
    }
  }

  private func put(_ text: String) throws(FileError) {
    if let file { return try file.write(Array(text.utf8)) }
    try FileError.wrapping(.write, "standard output") { () throws(SystemFailure) in
      try Descriptor.standardOutput.write(Array(text.utf8))
    }
  }

  /// Gives the file its name.
  func finish() throws(FileError) { try file?.finish() }

  /// Leaves what had the name before as it was. Going out of use does the same.
  func abandon() { file?.abandon() }
}
