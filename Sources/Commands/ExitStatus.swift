import MusicCaptioner

/// How a command ended, as its exit code; the numbers are those of sysexits.h.
package enum ExitStatus: Int32, Sendable, CaseIterable {
  case done = 0
  /// What no other code covers: a loss that is not a number, a server that refuses.
  case failure = 1
  /// The command line makes no sense.
  case usage = 64
  /// Bad data or a bad configuration.
  case badData = 65
  /// An input isn't there, or may not be read.
  case missingInput = 66
  /// An output can't be written; or a thread, a process, memory or a library isn't available.
  case cannotWrite = 74
  /// By Ctrl-C, after saving what there was to save.
  case interrupted = 130

  /// Ends the process at once: other threads may still be computing, and would not survive the usual
  /// cleaning up.
  ///
  /// What was printed must have reached standard output, or the status is `cannotWrite`.
  package func exit() -> Never {
    var status = self
    Console.standard.close()
    ChildProcess.endAll()
    TemporaryFiles.removeUnfinished()
    do throws(SystemFailure) {
      try SystemProcess.flushOutput()
    } catch {
      Console.standard.error(FileError(error, .write, "standard output"))
      if status == .done { status = .cannotWrite }
    }
    SystemProcess.exitAtOnce(status.rawValue)
  }

  /// The exit code of a command that ends with this error.
  ///
  /// This is the one place that knows the errors of all folders.
  package init(_ error: any Error) {
    self =
      switch error {
      case let error as AudioError: error.exitStatus
      case let error as DataError: error.exitStatus
      case let error as FileError: error.exitStatus
      case let error as CheckpointError: error.exitStatus
      case let error as TokenizerError: error.exitStatus
      case let error as ModelError: error.exitStatus
      case let error as ConfigurationError: error.exitStatus
      case let error as TrainingError: error.exitStatus
      case let error as CaptionerError: error.exitStatus
      case let error as EvaluationError: error.exitStatus
      case let error as PseudoCaptionError: error.exitStatus
      case let error as ChatError: error.exitStatus
      case is OptionError, is UsageError: .usage
      case let error as OutputError: error.reason == .folder ? .cannotWrite : .usage
      case is ThreadError, is LibraryError, is OpenFilesError, is ResumedOutput.InUse: .cannotWrite
      case is CancellationError: .interrupted
      default: .failure
      }
  }
}

extension FileError {
  fileprivate var exitStatus: ExitStatus {
    if operation == .write { return .cannotWrite }
    switch cause {
    case .shortage: return .cannotWrite
    case .missing, .isFolder, .notAFolder, .notAFile, .system: return .missingInput
    case .cutShort, .syntax, .notUTF8, .tooLarge, .value: return .badData
    }
  }
}

extension AudioError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .file(let error): error.exitStatus
    case .library: .failure
    case .notStarted: .cannotWrite
    default: .badData
    }
  }
}

extension DataError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .file(let error): error.exitStatus
    case .noAudio: .missingInput
    default: .badData
    }
  }
}

extension CheckpointError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .file(let error): error.exitStatus
    default: .badData
    }
  }
}

extension TokenizerError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .file(let error): error.exitStatus
    case .noTokenizer: .missingInput
    default: .badData
    }
  }
}

extension ModelError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .file(let error): error.exitStatus
    case .incompleteFolder, .unfinishedRun, .noTokenizer: .missingInput
    default: .badData
    }
  }
}

extension ConfigurationError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .file(let error): error.exitStatus
    default: .badData
    }
  }
}

extension TrainingError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .outputExists, .foreignFolder: .usage
    case .otherConfiguration, .otherData, .noValidCheckpoint: .badData
    case .file(let error): error.exitStatus
    case .inUse: .cannotWrite
    case .notFinite: .failure
    }
  }
}

extension CaptionerError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .file(let error): error.exitStatus
    case .noAudioInFolder: .missingInput
    case .subtitlesOfSeveral: .usage
    case .notFinite: .badData
    }
  }
}

extension EvaluationError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .file(let error): error.exitStatus
    case .noAudio, .noWordNet: .missingInput
    case .inUse: .cannotWrite
    default: .badData
    }
  }
}

extension PseudoCaptionError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .foreignOutput, .foreignAnswers, .otherSettings: .usage
    case .noTags, .unanswered: .badData
    case .file(let error): error.exitStatus
    case .inUse: .cannotWrite
    }
  }
}

extension ChatError {
  fileprivate var exitStatus: ExitStatus {
    switch reason {
    case .refused, .unreachable, .gaveUp: .failure
    }
  }
}
