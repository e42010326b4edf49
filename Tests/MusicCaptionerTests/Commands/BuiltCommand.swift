import Foundation
import Glibc
@testable import Commands
import MusicCaptioner

/// Ours, not that of Swift Testing.
typealias ExitStatus = Commands.ExitStatus

/// One of the package's executables, as it was built beside these tests.
struct BuiltCommand {
  struct Outcome {
    let output: String
    let messages: String
    let exitCode: Int32

    var lines: [String] { output.split(separator: "\n").map(String.init) }
    var messageLines: [String] { messages.split(separator: "\n").map(String.init) }
  }

  let url: URL

  /// Another program, such as a shell.
  init(executable url: URL) { self.url = url }

  init(_ name: String) throws {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    url = URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: name)
  }

  /// Runs the command to its end.
  ///
  /// - Parameters:
  ///   - arguments: As in a shell.
  ///   - folder: Where it runs.
  ///   - mark: Send SIGINT once this is in its standard output.
  /// - Returns: What it wrote, and how it ended.
  /// - Throws: Where it can't be started.
  func run(_ arguments: [String], in folder: URL, interruptAfter mark: String? = nil) throws
    -> Outcome
  {
    let running = try start(arguments, in: folder)
    if let mark {
      while running.process.isRunning {
        if try running.output.contains(mark) {
          kill(running.process.processIdentifier, SIGINT)
          break
        }
        usleep(2_000)
      }
    }
    return try running.end()
  }

  /// A command that was started and has not been waited for.
  struct Running {
    let process: Process
    fileprivate let scratch: URL

    fileprivate func text(_ name: String) throws -> String {
      try String(contentsOf: scratch.appending(path: name), encoding: .utf8)
    }

    /// Its standard error so far.
    var messages: String { get throws { try text("messages") } }

    /// Its standard output so far.
    var output: String { get throws { try text("output") } }

    /// Waits for its end. Once.
    func end() throws -> Outcome {
      process.waitUntilExit()
      defer { try? FileManager.default.removeItem(at: scratch) }
      let code = process.terminationReason == .exit ? process.terminationStatus : -1
      return Outcome(output: try output, messages: try text("messages"), exitCode: code)
    }
  }

  /// Starts the command; `end()` must follow.
  func start(_ arguments: [String], in folder: URL) throws -> Running {
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "music-captioner-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    let files = ["output", "messages"].map { scratch.appending(path: $0) }
    for file in files { try Data().write(to: file) }
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    return Running(process: process, scratch: scratch)
  }
}
