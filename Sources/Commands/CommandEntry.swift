import ArgumentParser
import MusicCaptioner

/// How each command's `main` begins and ends.
package enum CommandEntry {
  /// Parses the arguments, runs the command and ends the process.
  package static func run<Command: ParsableCommand>(
    _ body: (Command) throws -> ExitStatus
  ) -> Never {
    do {
      try body(parsed()).exit()
    } catch {
      Console.standard.error(error).exit()
    }
  }

  /// The same for a command that needs Swift's concurrency.
  package static func run<Command: ParsableCommand>(
    _ body: @Sendable (Command) async throws -> ExitStatus
  ) async -> Never {
    do {
      let command: Command = parsed()
      try await body(command).exit()
    } catch {
      Console.standard.error(error).exit()
    }
  }

  /// What was asked for. Ends the process after `--help`, and where the arguments make no sense.
  private static func parsed<Command: ParsableCommand>() -> Command {
    InterruptSignal.takeOver()
    do {
      return try Command.parse()
    } catch {
      if Command.exitCode(for: error).isSuccess {
        print(Command.fullMessage(for: error))
        ExitStatus.done.exit()
      }
      let problem = Command.message(for: error).split(whereSeparator: \.isNewline)
        .joined(separator: " ")
        .replacing(":   - ", with: ": ").replacing("   - ", with: ", ")
      Console.standard.error("\(problem) (see \(Command._commandName) --help)")
      ExitStatus.usage.exit()
    }
  }
}
