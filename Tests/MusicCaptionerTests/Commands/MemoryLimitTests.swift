import Foundation
import Glibc
import Testing

@testable import Commands
@testable import MusicCaptioner

/// What happens where the system refuses memory.
@Suite struct MemoryLimitTests {
  private func withModel(_ body: (_ folder: URL, _ caption: String) throws -> Void) throws {
    let command = try BuiltCommand("caption").url.path
    try withTemporaryFolder { folder in
      try TinyModel.bundle().write(to: folder.appending(path: "model"))
      try TinyModel.writeWave(folder.appending(path: "a.wav"), seconds: 2, seed: 1)
      try body(folder, "exec timeout 60 '\(command)' a.wav --model model")
    }
  }

  private func shell(_ line: String, in folder: URL) throws -> BuiltCommand.Outcome {
    try BuiltCommand(executable: URL(fileURLWithPath: "/bin/bash")).run(["-c", line], in: folder)
  }

  /// OpenBLAS would wait for its 128 MiB forever, and Swift and oneDNN would crash.
  @Test(.enabled(if: !Sanitizer.reservesAddresses, "not under a sanitizer"))
  func addressesThatAreRefusedEndWithOneLine() throws {
    try withModel { folder, caption in
      let wanted = try shell(caption, in: folder).output
      #expect(!wanted.isEmpty)
      var messages: Set<String> = []
      for megabytes in stride(from: 100, through: 900, by: 50) {
        let line = "ulimit -v \(megabytes << 10); \(caption) --threads 1"
        let found = try shell(line, in: folder)
        switch found.exitCode {
        case 0: #expect(found.output == wanted)
        // The loader of programs speaks before any of them.
        case 127: break
        default:
          #expect(found.exitCode == 74, "\(megabytes) MB: \(found.messages)")
          #expect(
            found.messageLines.count == 1 && found.messages.hasPrefix("error: "),
            "\(megabytes) MB: \(found.messages)")
          messages.insert(found.messages)
        }
      }
      #expect(messages.contains { $0.contains("(see ulimit -v)") })
    }
  }

  /// libdispatch would try again forever, and the crash of its timers has no words.
  @Test(.enabled(if: !Sanitizer.reservesAddresses))
  func threadsAndFilesThatAreRefusedEndWithOneLine() throws {
    let command = try BuiltCommand("pseudocaption").url.path
    try withTemporaryFolder { folder in
      for (limit, arguments, words) in [
        ("-v", "--baseline template", "see ulimit -"),
        ("-n", "--endpoint http://127.0.0.1:9/v1 --model m", "--concurrency 8 needs 40"),
      ] {
        var messages: [String] = []
        for amount in limit == "-n"
          ? [12, 16, 39] : Array(stride(from: 100_000, through: 160_000, by: 3_000))
        {
          let line =
            "ulimit \(limit) \(amount); exec timeout 60 '\(command)' --tags waltz \(arguments)"
          let found = try shell(line, in: folder)
          if [0, 127].contains(found.exitCode) { continue }
          #expect(found.exitCode == 74, "\(limit) \(amount): \(found.messages)")
          #expect(found.messageLines.count == 1, "\(limit) \(amount): \(found.messages)")
          messages.append(found.messages)
        }
        #expect(messages.contains { $0.contains(words) }, "\(limit)")
      }
    }
  }

  @Test func aShortageIsNoFaultOfTheFile() {
    for code in [ENOMEM, EMFILE, ENFILE] {
      let error = FileError(SystemFailure(code: code), .read, "a")
      #expect(ExitStatus(error) == .cannotWrite && "\(error)".hasPrefix("a: can't be read: "))
    }
    #expect(ExitStatus(FileError(SystemFailure(code: EACCES), .read, "a")) == .missingInput)
  }

  @Test func loadingLeavesTheEnvironmentAsItWas() throws {
    try MatrixLibraries.load()
    // As the process was started.
    let beginning = try Data(contentsOf: URL(fileURLWithPath: "/proc/self/environ"))
    let name = "OPENBLAS_NUM_THREADS"
    let before = String(decoding: beginning, as: UTF8.self).split(separator: "\0")
      .first { $0.hasPrefix("\(name)=") }?.dropFirst(name.count + 1)
    #expect(getenv(name).map { String(cString: $0) } == before.map(String.init))
  }

  @Test func errorsOfTheLibrariesSayWhatToDo() {
    #expect("\(LibraryError(isMissing: true))".contains("install the Debian package libopenblas0"))
    #expect("\(LibraryError(isMissing: false))".contains("see ulimit -v"))
  }
}
