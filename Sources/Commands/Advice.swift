import MusicCaptioner

// The library says what is wrong, and knows no command. What a command's options can do about it is added
// here.

/// What is wrong and what can be done about it: one line, whatever file names and contents it quotes.
func message(for error: any Error) -> String {
  let words =
    switch error {
    case is CancellationError: "interrupted"
    // An option of a file is in that file's error; this one is of a flag.
    case let error as OptionError: "\(UsageError(error))"
    case let error as ConfigurationError: error.description(ofOverrides: "--set")
    default: "\(error)\(advice(for: error).map { "; \($0)" } ?? "")"
    }
  return words.printable(keepsLines: false)
}

/// What can be done about an error, in the commands' options.
func advice(for error: any Error) -> String? {
  switch error {
  case let error as TrainingError: advice(for: error.reason)
  case let error as CaptionerError: advice(for: error.reason)
  case let error as EvaluationError: advice(for: error.reason)
  case let error as PseudoCaptionError: advice(for: error.reason)
  case let error as ModelError where error.reason == .noTokenizer: "name one with --tokenizer DIR"
  default: nil
  }
}

private func advice(for reason: TrainingError.Reason) -> String? {
  switch reason {
  case .outputExists: "continue it with --resume, or choose another folder with --output"
  case .inUse: "wait for its end, or choose another folder with --output"
  case .foreignFolder: "choose another folder with --output"
  case .otherData(_, _, _, let checkpoint):
    "resume with the data it began with, or start a new run from what it has learned: "
      + "--set initialize=\(checkpoint) --output FOLDER"
  case .otherConfiguration:
    "resume it with the configuration it was started with, or choose another folder with --output"
  case .noValidCheckpoint: "start over in another folder with --output"
  default: nil
  }
}

private func advice(for reason: CaptionerError.Reason) -> String? {
  switch reason {
  case .noAudioInFolder(let folderCount) where folderCount > 0:
    "to look into its \(folderCount) folders as well, add --recursive"
  case .subtitlesOfSeveral: "name one with --output-dir DIR"
  default: nil
  }
}

private func advice(for reason: EvaluationError.Reason) -> String? {
  switch reason {
  case .noWordNet: "install Debian's wordnet-base, or name a folder with --wordnet"
  case .noReferences: "name the file with --references"
  default: nil
  }
}

private func advice(for reason: PseudoCaptionError.Reason) -> String? {
  switch reason {
  case .noTags: "name the column with --tag-column"
  case .foreignOutput, .foreignAnswers: "name another --output"
  case .otherSettings: "continue with the same options, or name another --output"
  case .inUse: "wait for its end, or name another --output"
  default: nil
  }
}
