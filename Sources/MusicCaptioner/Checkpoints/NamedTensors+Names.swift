/// The names that a model gives its tensors, whatever wrapped the model when it was saved.
extension NamedTensors {
  /// What wrappers add to the path of a tensor: DataParallel and DistributedDataParallel, torch.compile, FSDP,
  /// and PyTorch's activation checkpointing.
  private static let wrappers: Set<Substring> = [
    "module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
  ]

  /// The same tensors with the names that they had before any part of the model was wrapped.
  ///
  /// - Throws: `CheckpointError` where that makes one name of two.
  func withoutWrappers() throws(CheckpointError) -> NamedTensors {
    try renamed { name in
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      let path = parts.dropLast()
      guard path.contains(where: Self.wrappers.contains) else { return name }
      return (path.filter { !Self.wrappers.contains($0) } + parts.suffix(1)).joined(separator: ".")
    }
  }

  /// What stands in front of the names of a model that is a part of a larger one, such as `model.` in
  /// Lightning's checkpoints; empty if nothing does.
  ///
  /// - Parameter landmark: A tensor that every model of this kind has.
  /// - Throws: `CheckpointError` where there are several such models.
  func prefix(before landmark: String) throws(CheckpointError) -> String {
    if self[landmark] != nil { return "" }
    let found = names.filter { $0.hasSuffix(".\(landmark)") }
    guard found.count <= 1 else {
      throw error(.severalModels(prefixes: found.map { String($0.dropLast(landmark.count)) }))
    }
    return found.first.map { String($0.dropLast(landmark.count)) } ?? ""
  }

  /// The same tensors without `prefix`, where a name has it.
  ///
  /// - Throws: `CheckpointError` where that makes one name of two.
  func without(prefix: String) throws(CheckpointError) -> NamedTensors {
    try renamed { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
  }

  private func renamed(
    _ newName: (String) -> String
  ) throws(CheckpointError) -> NamedTensors {
    var result = NamedTensors(metadata: metadata, source: source)
    var oldNames: [String: String] = [:]
    func rename(_ name: String) throws(CheckpointError) -> String {
      let new = newName(name)
      if let other = oldNames.updateValue(name, forKey: new) {
        throw error(.sameName(other, name, new))
      }
      return new
    }
    for (name, tensor) in entries { result[try rename(name)] = tensor }
    for (name, what) in unread.sorted(by: { $0.key < $1.key }) {
      result.unread[try rename(name)] = what
    }
    return result
  }
}
