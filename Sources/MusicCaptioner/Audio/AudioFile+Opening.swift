extension AudioFile {
  /// Opens a file, or takes in a stream.
  ///
  /// - Returns: A descriptor that can be read anywhere, and the number of bytes.
  static func open(
    _ path: String, acceptsStreams: Bool
  ) throws(AudioError) -> (descriptor: Descriptor, size: Int) {
    let isStandardInput = acceptsStreams && (path == "-" || path == "/dev/stdin")
    let descriptor = try reading(path) { () throws(SystemFailure) in
      isStandardInput
        ? try Descriptor.standardInput.copy() : try Descriptor(opening: path, for: .inspecting)
    }
    do throws(AudioError) {
      if try isStream(descriptor, path, isStandardInput, acceptsStreams) {
        let taken = try takeIn(descriptor, path, mayWait: !isStandardInput)
        descriptor.drop()
        return taken
      }
      let size = try reading(path) { () throws(SystemFailure) in try descriptor.status().size }
      guard size > 0 else { throw AudioError(.empty, file: path) }
      return (descriptor, size)
    } catch {
      descriptor.drop()
      throw error
    }
  }

  /// Whether what was opened can be read once only.
  ///
  /// - Throws: For what has no end, or is no file at all.
  private static func isStream(
    _ descriptor: Descriptor, _ path: String, _ isStandardInput: Bool, _ acceptsStreams: Bool
  ) throws(AudioError) -> Bool {
    let kind = try reading(path) { () throws(SystemFailure) in try descriptor.status().kind }
    switch kind {
    case .regular:
      // A shell may have read a part of it.
      return isStandardInput && descriptor.position != 0
    case .stream where acceptsStreams:
      return true
    case .folder:
      throw AudioError(FileError(.isFolder, .read, path))
    case .device where isStandardInput && !descriptor.isTerminal:
      // Jobs that run in the background are given /dev/null.
      let byte = try reading(path) { () throws(SystemFailure) in try descriptor.bytes(1) }
      if byte.isEmpty { throw AudioError(.empty, file: path) }
    default: break
    }
    throw AudioError(FileError(.notAFile, .read, path))
  }

  /// Reads a stream to its end, since decoders go back and forth.
  ///
  /// - Parameter mayWait: Whether it may be a named pipe, whose writer may come later.
  private static func takeIn(
    _ stream: Descriptor, _ path: String, mayWait: Bool
  ) throws(AudioError) -> (descriptor: Descriptor, size: Int) {
    // The writer of a pipe that a shell made was there first.
    let isNamed = mayWait && !path.hasPrefix("/dev/") && !path.hasPrefix("/proc/")
    let limit = AudioLimits.streamBytes
    let taken = try reading(path) { () throws(SystemFailure) in
      try stream.moveToMemory(limit: limit, writerMilliseconds: isNamed ? 60_000 : 0)
    }
    guard let (file, size) = taken else {
      throw AudioError(FileError(.system("nobody writes to this pipe"), .read, path))
    }
    if size == 0 || size > limit {
      file.drop()
      throw AudioError(
        size == 0 ? .empty : .tooLarge("at most 1 GiB through a pipe: save it as a file first"),
        file: path)
    }
    return (file, size)
  }

  private static func reading<Result>(
    _ path: String, _ body: () throws(SystemFailure) -> Result
  ) throws(AudioError) -> Result {
    do throws(FileError) {
      return try FileError.wrapping(.read, path, body)
    } catch {
      throw AudioError(error)
    }
  }
}
