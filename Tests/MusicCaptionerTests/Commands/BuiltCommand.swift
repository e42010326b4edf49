import Foundation
import Glibc
import MusicCaptioner

/// Ours, not that of Swift Testing.
typealias ExitStatus = MusicCaptioner.ExitStatus

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
    try withTemporaryFolder { scratch in
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
      if let mark {
        while process.isRunning {
          if try String(contentsOf: files[0], encoding: .utf8).contains(mark) {
            kill(process.processIdentifier, SIGINT)
            break
          }
          usleep(2_000)
        }
      }
      process.waitUntilExit()
      let texts = try files.map { try String(contentsOf: $0, encoding: .utf8) }
      let code = process.terminationReason == .exit ? process.terminationStatus : -1
      return Outcome(output: texts[0], messages: texts[1], exitCode: code)
    }
  }
}
