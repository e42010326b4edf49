import Foundation

/// A file of tensors in any of the supported formats.
public enum CheckpointFile {
  /// The tensors of a safetensors file, of a file written by `torch.save`, or of all files that an index
  /// (`model.safetensors.index.json`) names. The content decides which, not the name.
  ///
  /// Names are those of the model, without what DataParallel or torch.compile put into them. float32 tensors
  /// stay in the file, mapped into memory; others are converted to float32.
  ///
  /// - Throws: `CheckpointError`.
  public static func read(_ url: URL) throws(CheckpointError) -> NamedTensors {
    let file = try CheckpointBytes(url)
    if ShardIndex.recognizes(try head(of: file)), let tensors = try ShardIndex.read(file) {
      return try tensors.withoutWrappers()
    }
    return try read(file).withoutWrappers()
  }

  /// Looks at the beginning of the file, which is enough to see that most others are no checkpoints.
  ///
  /// - Throws: `CheckpointError`.
  static func checkKind(of url: URL) throws(CheckpointError) {
    let file = try CheckpointBytes(url)
    let head = try head(of: file)
    if ShardIndex.recognizes(head), try ShardIndex.isIndex(file) { return }
    try checkKind(of: head, file)
  }

  private static func checkKind(
    of head: [UInt8], _ file: CheckpointBytes
  ) throws(CheckpointError) {
    guard ZipArchive.recognizes(head) || SafetensorsReader.recognizes(head) else {
      throw CheckpointError(.notACheckpoint(lookalike(head)), file: file.path)
    }
  }

  /// The file with the weights of the model in `folder`: one of the names that Hugging Face gives it, otherwise
  /// the only file that looks like one.
  ///
  /// - Returns: `nil` if there is none.
  /// - Throws: `CheckpointError` if the folder can't be read, or has several such files.
  static func weights(in folder: URL) throws(CheckpointError) -> URL? {
    let names = try CheckpointError.wrapping { () throws(FileError) in
      try Folders.names(in: folder.path)
    }
    if let name = usualNames.first(where: names.contains) { return folder.appending(path: name) }
    let others = names.filter { name in
      endings.contains { name.hasSuffix($0) } && !PathName.isHidden(name)
        && !otherParts.contains { name.hasPrefix($0) }
    }
    guard others.count <= 1 else {
      throw CheckpointError(.severalFiles(others.sorted()), file: folder.path)
    }
    return others.first.map { folder.appending(path: $0) }
  }

  private static let usualNames = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json",
  ]
  private static let endings = [".safetensors", ".pth", ".pt", ".ckpt", ".bin"]
  /// What training programs write beside the weights.
  private static let otherParts = [
    "optimizer", "scheduler", "rng_state", "training_args", "scaler",
  ]

  /// The tensors of one file that is no index, with the names that it has for them.
  static func readSingle(_ url: URL) throws(CheckpointError) -> NamedTensors {
    try read(CheckpointBytes(url))
  }

  private static func head(of file: CheckpointBytes) throws(CheckpointError) -> [UInt8] {
    try file.bytes(0..<min(file.count, 256))
  }

  private static func read(_ file: CheckpointBytes) throws(CheckpointError) -> NamedTensors {
    let head = try head(of: file)
    try checkKind(of: head, file)
    return ZipArchive.recognizes(head)
      ? try TorchCheckpoint.read(file) : try SafetensorsReader.read(file)
  }

  /// What a file that isn't a checkpoint looks like.
  private static func lookalike(_ head: [UInt8]) -> CheckpointError.Lookalike {
    // The pickled number 0x1950A86A20F9469CFC6C, with which torch.save began files before PyTorch
    // 1.6.
    let legacy: [UInt8] = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
    let text = String(decoding: head, as: UTF8.self).lowercased()
    return if head.isEmpty {
      .emptyFile
    } else if head.dropFirst(2).starts(with: legacy) {
      .legacyTorchFile
    } else if head[0] == 0x80, head.count > 1, (1...5).contains(head[1]) {
      .barePickle
    } else if text.hasPrefix("version https://git-lfs") {
      .gitLFSPointer
    } else if text.drop(while: \.isWhitespace).hasPrefix("<!doctype")
      || text.drop(while: \.isWhitespace).hasPrefix("<html")
    {
      .webPage
    } else {
      .unknown
    }
  }
}
