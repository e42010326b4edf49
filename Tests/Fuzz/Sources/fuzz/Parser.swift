import Foundation

/// A reader of bytes that nobody checked before.
struct Parser: Sendable {
  /// Reads all that the bytes have; throws what a user would be shown.
  private let read: @Sendable ([UInt8]) throws -> Void

  init(_ read: @escaping @Sendable ([UInt8]) throws -> Void) { self.read = read }

  /// A reader of a file with this name, in a folder of its own.
  init(
    file name: String, beside others: [String: String] = [:],
    _ read: @escaping @Sendable (URL) throws -> Void
  ) {
    self.init { bytes in
      try Scratch.write(Array(bytes), to: name)
      for (name, content) in others { try Scratch.write(Array(content.utf8), to: name) }
      try read(Scratch.folder.appending(path: name))
    }
  }

  func run(_ bytes: [UInt8]) {
    do {
      try read(bytes)
    } catch {
      check(error)
    }
  }

  /// An error is in our words, with a length that a person reads.
  private func check(_ error: any Error) {
    let type = String(reflecting: Swift.type(of: error))
    require(type.hasPrefix("MusicCaptioner."), "an error of another's: \(type)")
    let words = String(describing: error)
    require(
      !words.isEmpty && words.utf8.count < 2_000,
      "a message of \(words.utf8.count) bytes: \(words.prefix(200))")
  }
}

/// Ends the process, as a crash does, if something isn't as it should be. A release build's `precondition` has no words.
func require(_ isRight: Bool, _ problem: @autoclosure () -> String) {
  if isRight { return }
  FileHandle.standardError.write(Data("wrong: \(problem())\n".utf8))
  abort()
}

/// Files for readers that want a path. They lie in memory.
enum Scratch {
  static let folder: URL = {
    let root =
      FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let folder = URL(fileURLWithPath: root).appending(
      path: "fuzz-\(ProcessInfo.processInfo.processIdentifier)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(at: Scratch.folder) }
    return folder
  }()

  static func write(_ bytes: [UInt8], to name: String) throws {
    // Not replaced but written over: two system calls for each input, not five.
    guard let file = fopen(folder.appending(path: name).path, "wb") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
}
