import Testing

@testable import Commands

@Suite struct ArgumentListTests {
  private let list = ArgumentList(
    help: """
      USAGE: caption <audio> ... --model <model> [--sample]

      OPTIONS:
        --model <model>         A model.
        --format <format>       text or json. (default: text)
        --beam-width <n>        Beams.
        --length-penalty <x>    Above 0 favors long captions, --beam-size is none.
        --output <file>         The file.
        --output-dir <dir>      The folder.
        --sample                Sample.
        --precision <name>      float32.
        --version               Show the version.
        -h, --help              Show help information.
      """)

  private func answer(_ arguments: String...) -> String? {
    do throws(ArgumentError) {
      _ = try list.checked(arguments)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func numbersBelowZeroAreValues() throws {
    for number in ["-3", "-0.5", "-.5", "-1e-3", "-inf"] {
      #expect(try list.checked(["--length-penalty", number]) == ["--length-penalty=\(number)"])
    }
    #expect(answer("--sample", "-3") != nil && answer("-3") != nil)
    #expect(try list.checked(["a", "-", "--", "-3", "--x"]) == ["a", "-", "--", "-3", "--x"])
    #expect(try list.checked(["-h", "--model=-x"]) == ["-h", "--model=-x"])
    #expect(answer("--generate-completion-script", "bash") == nil && answer("--help") == nil)
  }

  @Test func emptyValuesAreNone() {
    for arguments in [["--model", ""], ["--model="]] {
      #expect(throws: ArgumentError(description: "--model: found nothing; expected a value")) {
        try list.checked(arguments)
      }
    }
    #expect(answer("", "--sample") == nil)
  }

  @Test(arguments: [
    ("--beam-witdh", "--beam-width"), ("--beam_width=3", "--beam-width"),
    ("-beam-width", "--beam-width"), ("--beam_size", "--beam-width"),
    ("--num-beams", "--beam-width"),
    ("--output_format", "--format"), ("--output_dir", "--output-dir"), ("-o", "--output"),
    ("--out_dir", "--output-dir"), ("--Format", "--format"), ("--fp16", "--precision"),
    ("-f", "--format"), ("--do_sample", "--sample"), ("-v", "--version"),
  ])
  func whatWasMeantIsTold(_ argument: String, _ option: String) throws {
    let name = argument.prefix { $0 != "=" }
    #expect(answer(argument) == "\(name): unknown option; did you mean \(option)?")
  }

  @Test func otherAnswers() {
    #expect(answer("--device") == "--device: unknown option; all work is done on the CPU")
    #expect(answer("--qwertyuiop") == "--qwertyuiop: unknown option")
    #expect(
      answer("-dash.wav")
        == "-dash.wav: unknown option; options begin with two dashes; a file of this name is ./-dash.wav"
    )
    #expect(answer("--lr")?.contains("training.") == false)
    let training = ArgumentList(help: "  --set <x>  A\n  --resume  B\n")
    #expect(
      throws: ArgumentError(
        description: "--lr: unknown option; did you mean --set training.learning_rate=X?")
    ) {
      try training.checked(["--lr", "1e-4"])
    }
  }
}
