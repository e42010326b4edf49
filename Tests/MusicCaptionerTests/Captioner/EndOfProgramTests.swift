import Foundation
import Testing

@testable import MusicCaptioner

/// Programs that end while they caption: the library's threads are in the middle of generated code then.
///
/// The test starts itself again, as such a program.
@Suite struct EndOfProgramTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let variable = "MUSICCAPTIONER_END_OF_PROGRAM"
  /// Of the program: where its model and its song are, and how many microseconds it has left then.
  private static let task = environment[variable]?.split(separator: ":")
  /// No code of a test run's own.
  private static let exitCode: Int32 = 73

  @Test(.enabled(if: task == nil && !Sanitizer.isForThreads)) func leavingAmidCaptionsIsSafe()
    throws
  {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = RandomSource(seed: seed, stream: "end of program")
    try withTemporaryFolder { folder in
      // Products large enough for oneDNN.
      let bundle = try TinyModel.bundle { configuration, audio in
        configuration.width = 128
        configuration.encoderInnerWidth = 512
        audio.melCount = 128
      }
      try bundle.write(to: folder.appending(path: "model"))
      try TinyModel.writeWave(folder.appending(path: "a.wav"), seconds: 10)
      for _ in 0..<6 {
        let microseconds = random.integer(below: 150_000)
        let program = Process()
        program.executableURL = URL(fileURLWithPath: tests)
        program.arguments = [
          "--testing-library", "swift-testing", "--filter", "EndOfProgramTests/captionsAndLeaves",
        ]
        program.environment = Self.environment.merging([
          Self.variable: "\(folder.path):\(microseconds)"
        ]) { $1 }
        program.standardOutput = FileHandle.nullDevice
        program.standardError = FileHandle.nullDevice
        try program.run()
        program.waitUntilExit()
        #expect(
          program.terminationReason == .exit && program.terminationStatus == Self.exitCode,
          "after \(microseconds) µs: \(program.terminationStatus) (seed \(seed))")
      }
    }
  }

  @Test(.enabled(if: task != nil)) func captionsAndLeaves() throws {
    let task = try #require(Self.task)
    let folder = URL(fileURLWithPath: String(task[0]))
    let captioner = try Captioner(model: folder.appending(path: "model"))
    let songs = Array(repeating: folder.appending(path: "a.wav"), count: 1_000)
    let events = captioner.events(of: songs)
    usleep(UInt32(task[1]) ?? 0)
    withExtendedLifetime(events) { exit(Self.exitCode) }
  }
}
