import Foundation

/// What is wrong with a checkpoint, and where.
public struct CheckpointError: Error, Equatable, Sendable {
  /// The file or folder.
  public let file: String
  package let reason: Reason

  package init(_ reason: Reason, file: String) {
    self.file = file
    self.reason = reason
  }

  package enum Reason: Equatable, Sendable {
    /// The file can't be read or written, or is shorter or longer than its header says.
    case file(FileError)
    case notACheckpoint(Lookalike)
    /// A safetensors header that can't be parsed.
    case badHeader(String)
    /// A folder's list of checksums that can't be parsed.
    case badManifest(String)
    case unknownElementType(key: String, name: String)
    /// A tensor's values were requested, but it is stored as integers.
    case unreadableElementType(key: String, name: String)
    /// A tensor's byte count doesn't match its shape.
    case sizeMismatch(key: String, shape: Shape, expectedBytes: Int, foundBytes: Int)
    case impossibleShape(key: String, shape: [Int])
    /// Two tensors claim the same bytes of the file.
    case overlappingTensors(String, String)
    /// Bytes of the file that no tensor claims.
    case unclaimedBytes(Range<Int>)
    case duplicateKey(String)
    /// Two names that become the third without what wrappers or larger modules add.
    case sameName(String, String, String)
    /// A file with the same kind of model under several names.
    case severalModels(prefixes: [String])
    /// A folder with several files that may be the model's weights.
    case severalFiles([String])
    /// A list of a checkpoint's files that can't be used.
    case badIndex(String)
    /// A zip archive that can't be parsed.
    case badArchive(String)
    /// An archive entry that is compressed, encrypted or otherwise not stored as is.
    case unsupportedEntry(name: String, problem: String)
    case missingEntry(String)
    /// Stored bytes have changed since they were written.
    case checksumMismatch(name: String, expected: UInt64, found: UInt64)
    /// A pickle that can't be parsed, at this byte.
    case badPickle(offset: Int, problem: String)
    /// A pickle that calls something other than what makes tensors and plain containers.
    case refusedCallable(String)
    /// A tensor that reaches outside its storage or is otherwise invalid.
    case badTensor(key: String, problem: String)
    /// A tensor with NaN or infinite values.
    case notFinite(String)
    /// The file has no dictionary of tensors; the keys that it does have, or what it is instead.
    case noStateDict(found: [String])
    /// The file has several dictionaries of tensors, and no name says which is the model's; where they are.
    case severalStateDicts([String])
    /// The file's tensors are not those requested.
    case mismatch(missing: [String], unexpected: [String], shapes: [ShapeMismatch])
    /// Files that the folder's list of checksums names but the folder lacks.
    case incompleteFolder(missing: [String])
  }

  /// A tensor whose shape is not the expected one.
  package struct ShapeMismatch: Equatable, Sendable {
    package let key: String
    package let expected: Shape
    package let found: Shape
  }

  /// Kinds of files that people mistake for a checkpoint.
  package enum Lookalike: Equatable, Sendable {
    case emptyFile, legacyTorchFile, barePickle, webPage, gitLFSPointer, unknown
  }
}

extension CheckpointError {
  init(_ error: FileError) {
    self.init(.file(error.expecting("a file of tensors")), file: error.file)
  }

  /// The error for a file of the wrong length.
  static func cutShort(_ file: String, expectedBytes: Int, foundBytes: Int) -> CheckpointError {
    CheckpointError(
      FileError(.cutShort(expectedBytes: expectedBytes, foundBytes: foundBytes), .read, file))
  }

  /// The result of `body`; a file's errors become a checkpoint's.
  static func wrapping<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(CheckpointError) -> Result {
    do {
      return try body()
    } catch {
      throw CheckpointError(error)
    }
  }
}

extension CheckpointError: CustomStringConvertible, LocalizedError {
  public var description: String { "\(file): \(reason.wording)" }
  public var errorDescription: String? { description }
}

extension CheckpointError.Reason {
  fileprivate var wording: String {
    switch self {
    case .file(let error):
      error.problem
    case .notACheckpoint(let lookalike):
      lookalike.wording
    case .badHeader(let problem):
      "bad safetensors header: \(problem)"
    case .badManifest(let problem):
      "not a list of checksums: \(problem)"
    case .unknownElementType(let key, let name):
      "tensor '\(key)' has the unknown element type '\(name)'; "
        + "F64, F32, F16 and BF16 can be read"
    case .unreadableElementType(let key, let name):
      "tensor '\(key)' is stored as \(name), but its values are needed as floating-point numbers; "
        + "convert it to float32, bfloat16 or float16"
    case .sizeMismatch(let key, let shape, let expected, let found):
      "tensor '\(key)' of shape \(shape) needs \(expected) bytes, but has \(found)"
    case .impossibleShape(let key, let shape):
      "tensor '\(key)' has the impossible shape \(shape)"
    case .overlappingTensors(let first, let second):
      "tensors '\(first)' and '\(second)' claim the same bytes"
    case .unclaimedBytes(let range):
      "bytes \(range.lowerBound) to \(range.upperBound) of the data belong to no tensor"
    case .duplicateKey(let key):
      "tensor '\(key)' appears twice"
    case .sameName(let first, let second, let name):
      "tensors '\(excerpt(first))' and '\(excerpt(second))' are both '\(excerpt(name))' of the model; save "
        + "one model alone"
    case .severalModels(let prefixes):
      "has several models, under \(listed(prefixes.map { "'\(excerpt($0))'" })); save one of them alone"
    case .severalFiles(let names):
      names.allSatisfy { $0.contains("-of-") }
        ? "parts of a model (\(listed(names))) without their index; add the .index.json file"
        : "several files of weights (\(listed(names))); name one of them instead of the folder"
    case .badIndex(let problem):
      "not a usable list of a checkpoint's files: \(problem)"
    case .badArchive(let problem):
      "damaged zip archive: \(problem)"
    case .unsupportedEntry(let name, let problem):
      "archive entry '\(name)' \(problem); save the checkpoint again with torch.save"
    case .missingEntry(let name):
      "the archive has no entry '\(name)'; a checkpoint written by torch.save was expected"
    case .checksumMismatch(let name, let expected, let found):
      "'\(name)' is damaged: checksum \(String(expected, radix: 16)) expected, "
        + "\(String(found, radix: 16)) found; copy or download it again"
    case .badPickle(let offset, let problem):
      "bad pickle at byte \(offset): \(problem)"
    case .refusedCallable(let name):
      "refused: the file wants to call \(name), and loading it that way would run code of the "
        + "file's author. Only tensors and plain containers are read. If you trust the file, "
        + "open it in Python and save the weights alone: torch.save(model.state_dict(), …)"
    case .badTensor(let key, let problem):
      "tensor '\(key)' \(problem)"
    case .notFinite(let key):
      "tensor '\(key)' has values that are not numbers (NaN or infinity); "
        + "is the file damaged, or from a training that diverged?"
    case .noStateDict(let found):
      "no dictionary of tensors (under 'state_dict', 'model_state_dict', 'model', or the file "
        + "itself); found \(listed(found.map(excerpt)))"
    case .severalStateDicts(let names):
      "several dictionaries of tensors (\(listed(names.map(excerpt)))), and no name says which is the model's; "
        + "save it alone: torch.save(model.state_dict(), …)"
    case .mismatch(let missing, let unexpected, let shapes):
      mismatchWording(missing: missing, unexpected: unexpected, shapes: shapes)
    case .incompleteFolder(let missing):
      "incomplete: \(listed(missing)) missing; use another checkpoint"
    }
  }

  private func mismatchWording(
    missing: [String], unexpected: [String], shapes: [CheckpointError.ShapeMismatch]
  ) -> String {
    var parts: [String] = []
    if !missing.isEmpty { parts.append("\(missing.count) missing (\(listed(missing)))") }
    if !unexpected.isEmpty {
      parts.append("\(unexpected.count) unexpected (\(listed(unexpected)))")
    }
    if !shapes.isEmpty {
      let list = shapes.map { "\($0.key) is \($0.found), expected \($0.expected)" }
      parts.append("\(shapes.count) of another shape (\(listed(list)))")
    }
    return "the tensors don't fit the model: \(parts.joined(separator: "; ")); "
      + "check that the configuration is the one that the file was made with"
  }

  /// The first few names, so that the message stays on one line.
  private func listed(_ names: [String]) -> String {
    let head = names.prefix(5).joined(separator: ", ")
    return names.count > 5 ? head + ", … \(names.count - 5) more" : head
  }
}

extension CheckpointError.Lookalike {
  fileprivate var wording: String {
    switch self {
    case .emptyFile:
      "is empty; copy or download it again"
    case .legacyTorchFile:
      "is in PyTorch's format from before 1.6, which isn't read. Convert it in Python: "
        + "torch.save(torch.load('old.pth', map_location='cpu', weights_only=True), 'new.pth')"
    case .barePickle:
      "is a bare pickle; a zip archive as torch.save writes it, or safetensors, was expected. "
        + "Convert it in Python with torch.save"
    case .webPage:
      "is a web page, not a checkpoint: the download went wrong"
    case .gitLFSPointer:
      "is a Git LFS pointer, not the file itself; run 'git lfs pull'"
    case .unknown:
      "is neither safetensors nor a checkpoint that torch.save wrote"
    }
  }
}
