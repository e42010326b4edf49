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
      let list = ArgumentList(help: Command.helpMessage(columns: 1_000))
      return try Command.parse(list.checked(CommandArguments.texts))
    } catch {
      if let error = error as? ArgumentError { refuse("\(error)", Command.self) }
      if Command.exitCode(for: error).isSuccess {
        print(Command.fullMessage(for: error))
        ExitStatus.done.exit()
      }
      let problem = Command.message(for: error).split(whereSeparator: \.isNewline)
        .joined(separator: " ")
        .replacing(":   - ", with: ": ").replacing("   - ", with: ", ")
      refuse(problem, Command.self)
    }
  }

  private static func refuse(_ problem: String, _ command: any ParsableCommand.Type) -> Never {
    Console.standard.error("\(problem) (see \(command._commandName) --help)")
    ExitStatus.usage.exit()
  }

  /// What `--version` prints.
  package static func version(of command: String) -> String { "\(command) (MusicCaptioner) 0.9.0" }
}
