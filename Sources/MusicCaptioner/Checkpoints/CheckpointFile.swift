import Foundation

/// A file of tensors in any of the supported formats.
public enum CheckpointFile {
  /// The tensors of a safetensors file, or of a `.pth` written by `torch.save`. The content decides
  /// which, not the name.
  ///
  /// float32 tensors stay in the file, mapped into memory; others are converted to float32.
  ///
  /// - Throws: `CheckpointError`.
  public static func read(_ url: URL) throws(CheckpointError) -> NamedTensors {
    let file = try CheckpointBytes(url)
    let head = try file.bytes(0..<min(file.count, 256))
    if ZipArchive.recognizes(head) { return try TorchCheckpoint.read(file) }
    if SafetensorsReader.recognizes(head) { return try SafetensorsReader.read(file) }
    throw CheckpointError(.notACheckpoint(lookalike(head)), file: file.path)
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
