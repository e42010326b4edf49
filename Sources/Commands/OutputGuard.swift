import MusicCaptioner

/// Keeps a command from writing over what it reads, over another of its outputs, and over what is
/// plainly no output of a command: sound, a model, a configuration, anything that isn't text.
///
/// Name all inputs first, then each output, before anything is written.
struct OutputGuard {
  private var inputs: [FileIdentity: String] = [:]
  private var outputs: [FileIdentity: String] = [:]
  private var tableFolders: [FileIdentity: String] = [:]

  /// Takes note of a file that the command reads, or of a folder and all that lies in it.
  mutating func reads(_ path: String?) {
    guard let path, let identity = FileIdentity(path == "-" ? "/dev/stdin" : path) else { return }
    inputs[identity] = path
    guard Folders.exists(path) else { return }
    for name in (try? Folders.names(in: path)) ?? [] {
      let item = PathName.join(path, name)
      if let identity = FileIdentity(item) { inputs[identity] = item }
    }
  }

  mutating func reads(_ paths: [String]) {
    for path in paths { reads(path) }
  }

  /// Takes note of a table: a file, or all that a folder or a pattern stands for.
  mutating func reads(table path: String?) {
    guard let path else { return }
    reads(path)
    if Folders.exists(path), let identity = FileIdentity(path) { tableFolders[identity] = path }
    for file in (try? TableFiles.at(PathName.url(path), name: path)) ?? [] {
      if let identity = FileIdentity(file.url.path) { inputs[identity] = file.name }
    }
  }

  /// Takes note of the sounds in a folder, where other files may well be outputs of former runs.
  mutating func reads(soundsIn folder: String) {
    for name in (try? Folders.names(in: folder)) ?? [] where AudioFileNames.rank(name) != nil {
      reads(PathName.join(folder, name))
    }
  }

  /// Takes note of a model: a folder, or a file of weights with what is read beside it.
  mutating func reads(model path: String) {
    reads(path)
    guard !Folders.exists(path) else { return }
    for name in Self.modelFiles { reads(PathName.join(PathName.folder(path), name)) }
  }

  /// Takes note of a file that the command is going to write.
  ///
  /// - Parameters:
  ///   - path: Standard output if nil, which is always free.
  ///   - option: The option that names it.
  ///   - hasCompanions: Whether other files are kept beside it, so that it can't be a device or a pipe.
  ///   - isDerived: Whether its name follows from an input's: then only what exists is worth keeping.
  /// - Throws: `OutputError` where something else has the name, or should have it.
  mutating func writes(
    _ path: String?, as option: String, hasCompanions: Bool = false, isDerived: Bool = false
  ) throws(OutputError) {
    guard let path else { return }
    guard !path.isEmpty, path != "-" else {
      throw OutputError(.noName, option: option, path: path)
    }
    // Told before there is anything to lose.
    guard PathName.byteCount(PathName.last(path)) <= PathName.longestName else {
      throw OutputError(.longName(isDerived: isDerived), option: option, path: path)
    }
    if hasCompanions, FileStatus.isEndless(path) {
      throw OutputError(.device, option: option, path: path)
    }
    if Folders.exists(path) {
      throw OutputError(.folder, option: option, path: path)
    }
    // What is written to is the end of a link, whatever the link is called.
    let target = (try? FileNames.linkEnd(path)) ?? path
    if let identity = FileIdentity(path) ?? FileIdentity(futureFile: target) {
      if let input = inputs[identity] {
        throw OutputError(.input(input), option: option, path: path)
      }
      if let other = outputs.updateValue(option, forKey: identity) {
        throw OutputError(.otherOutput(other), option: option, path: path)
      }
    }
    if let folder = FileIdentity(PathName.folder(target)).flatMap({ tableFolders[$0] }),
      TableFiles.isTable(target)
    {
      throw OutputError(.tableFolder(folder), option: option, path: path)
    }
    if let kind = Self.kind(named: path) ?? Self.kind(named: target),
      !isDerived || PathName.exists(path)
    {
      throw OutputError(.foreignName(kind), option: option, path: path)
    }
    if Self.holdsOtherThanText(path) {
      throw OutputError(.foreignContent, option: option, path: path)
    }
  }

  /// What a file with this name is for somebody who sees it, other than an output.
  private static func kind(named path: String) -> String? {
    let name = PathName.last(path).lowercased()
    let suffix = PathName.ending(name)
    if suffix == "mid" || suffix != "npy" && AudioFileNames.rank(name) != nil {
      return "a sound file"
    }
    if modelExtensions.contains(suffix) || modelFiles.contains(name) { return "part of a model" }
    return configurationExtensions.contains(suffix) ? "a configuration" : nil
  }

  private static let modelExtensions: Set<String> = [
    "bin", "ckpt", "gguf", "h5", "msgpack", "npy", "npz", "onnx", "pkl", "pt", "pth", "safetensors",
  ]
  private static let modelFiles: Set<String> = [
    "added_tokens.json", "checksums.json", "config.json", "generation_config.json", "merges.txt",
    "model.safetensors.index.json", "preprocessor_config.json", "pytorch_model.bin.index.json",
    "special_tokens_map.json", "tokenizer.json",
    "tokenizer_config.json", "vocab.json", "vocab.txt",
  ]
  private static let configurationExtensions: Set<String> = [
    "cfg", "conf", "ini", "toml", "yaml", "yml",
  ]

  /// Outputs are text in UTF-8 without exception: a file with anything else is somebody's.
  private static func holdsOtherThanText(_ path: String) -> Bool {
    let blockSize = 4096
    // What may not be read may be replaced all the same, as a former output of another user.
    guard let status = try? FileStatus(of: path), status.kind == .regular,
      var text = (try? ByteReader.beginning(of: PathName.url(path), blockSize))?[...]
    else { return false }
    // The last character may be cut.
    if text.count == blockSize, let lead = text.suffix(4).lastIndex(where: { $0 & 0xC0 != 0x80 }) {
      text = text[..<lead]
    }
    return text.contains(0) || String(validating: text, as: UTF8.self) == nil
  }
}

/// A file whatever it is called: links lead to the same one.
private struct FileIdentity: Hashable {
  private let item: FileStatus.Identity
  /// Of a file that doesn't exist yet, in the folder that the item is.
  private let name: String?

  /// Nil where there is no such file.
  init?(_ path: String) {
    guard let status = try? FileStatus(of: path) else { return nil }
    (item, name) = (status.identity, nil)
  }

  /// Nil where there is no such folder.
  init?(futureFile path: String) {
    guard let folder = FileIdentity(PathName.folder(path)) else { return nil }
    (item, name) = (folder.item, PathName.last(path))
  }
}

/// Why an output can't have the name that was given.
package struct OutputError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Reason: Equatable, Sendable {
    /// It is one of the command's inputs, under this name.
    case input(String)
    /// It is empty or `-`, which names no file.
    case noName
    /// No file can have so long a name.
    case longName(isDerived: Bool)
    /// It would be a table in a folder whose tables are read.
    case tableFolder(String)
    /// A folder has the name.
    case folder
    /// A device or a pipe has the name, and files are to be kept beside it.
    case device
    /// Another option names the same file.
    case otherOutput(String)
    /// It has the name of something that no command writes: a sound file, for one.
    case foreignName(String)
    /// What has the name now isn't text, and so not a former output.
    case foreignContent
  }

  /// The option that names the output.
  package let option: String
  package let path: String
  package let reason: Reason

  init(_ reason: Reason, option: String, path: String) {
    self.option = option
    self.path = path
    self.reason = reason
  }

  package var description: String {
    let problem =
      switch reason {
      case .input(let name) where name == path:
        "is the input itself, which is not overwritten; choose another name"
      case .input(let name): "is the input \(name), which is not overwritten; choose another name"
      case .noName where path.isEmpty: "found nothing; expected the name of a file"
      case .noName: "is no file; without the option, standard output is written to"
      case .longName(let isDerived):
        "has a name of \(PathName.byteCount(PathName.last(path))) bytes; expected "
          + "\(PathName.longestName) at most"
          + (isDerived ? ": shorten that of the input" : "; choose a shorter one")
      case .device: "is a device or a pipe, and files are kept beside the output"
      case .tableFolder(let folder):
        "is in the folder \(folder), whose tables are the input; choose another folder"
      case .folder: "is a folder; expected the name of a file"
      case .otherOutput(let other): "is named by \(other) already; choose another name"
      case .foreignName(let kind): "has the name of \(kind); expected that of a text file"
      case .foreignContent: "holds something other than text, which is not overwritten"
      }
    return "\(option): \(path.isEmpty ? "" : path + " ")\(problem)"
  }
}
