/// Reads a model's tensors from a `.pth` written by `torch.save` (PyTorch 1.6 or newer).
struct TorchCheckpoint {
  private let archive: ZipArchive
  private let graph: PickleGraph
  private let root: String
  /// Views that were already copied or converted, so that tied ones cost once.
  private var made: [View: Tensor] = [:]
  /// How many more elements may be copied: a view can repeat a small storage endlessly.
  private var budget: Int

  private struct View: Hashable {
    let key: String
    let offset: Int
    let shape: [Int]
    let strides: [Int]
    let elementType: ElementType
  }

  /// The tensors of the dictionary that `StateDictSearch` finds. Top-level numbers and strings become metadata.
  ///
  /// - Throws: `CheckpointError`.
  static func read(_ file: CheckpointBytes) throws(CheckpointError) -> NamedTensors {
    var checkpoint = try TorchCheckpoint(file)
    return try checkpoint.tensors()
  }

  private init(_ file: CheckpointBytes) throws(CheckpointError) {
    archive = try ZipArchive(file)
    func failure(_ reason: CheckpointError.Reason) -> CheckpointError {
      CheckpointError(reason, file: file.path)
    }
    let pickles = archive.entries.keys.filter {
      $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2
    }
    guard let name = pickles.first, pickles.count == 1 else {
      throw failure(.missingEntry("NAME/data.pkl"))
    }
    root = String(name.dropLast("data.pkl".count))
    if archive.entries[root + "byteorder"] != nil {
      let order = try file.bytes(try archive.range(of: root + "byteorder"))
      guard order.starts(with: Array("little".utf8)) else {
        throw failure(
          .unsupportedEntry(name: root + "byteorder", problem: "says that it isn't little-endian"))
      }
    }
    let range = try archive.range(of: name)
    guard range.count <= Unpickler.maximumBytes else {
      throw failure(.badPickle(offset: 0, problem: "it is longer than 64 MiB"))
    }
    graph = try Unpickler.read(try file.bytes(range), path: file.path)
    budget = (1 << 24) + file.count
  }

  private func failure(_ reason: CheckpointError.Reason) -> CheckpointError {
    CheckpointError(reason, file: archive.file.path)
  }

  private mutating func tensors() throws(CheckpointError) -> NamedTensors {
    let top = graph.entries(graph.root) ?? []
    var result = NamedTensors(source: archive.file.path)
    for (key, value) in top {
      switch value {
      case .int(let number): result.metadata[key] = "\(number)"
      case .float(let number): result.metadata[key] = "\(number)"
      case .string(let text): result.metadata[key] = text
      default: break
      }
    }
    for (name, value) in try StateDictSearch.entries(in: graph, path: archive.file.path) {
      guard case .tensor(let index) = value else {
        result.unread[name] = "no tensor"
        continue
      }
      let tensor = graph.tensors[index]
      if tensor.elementType.isReadable {
        result[name] = try materialize(tensor, named: name)
      } else {
        result.unread[name] = tensor.elementType.rawValue
      }
    }
    return result
  }

  // MARK: - One tensor

  private mutating func materialize(
    _ tensor: PickledTensor, named key: String
  ) throws(CheckpointError) -> Tensor {
    guard let layout = TensorLayout(shape: tensor.shape, elementType: tensor.elementType) else {
      throw failure(.impossibleShape(key: key, shape: tensor.shape))
    }
    guard tensor.strides.count == tensor.shape.count, tensor.offset >= 0,
      tensor.strides.allSatisfy({ $0 >= 0 })
    else {
      throw failure(.badTensor(key: key, problem: "has a negative offset or the wrong strides"))
    }
    if layout.elementCount == 0 { return Tensor(zeros: layout.shape) }
    let range = try storageRange(tensor, named: key)
    let size = tensor.elementType.byteCount
    try checkReach(tensor, capacity: range.count / size, named: key)
    let start = range.lowerBound + tensor.offset * size
    let isContiguous = isContiguous(tensor)
    if isContiguous && tensor.elementType == .float32 && start.isMultiple(of: 4) {
      return try archive.file.tensor(layout, at: start)
    }
    let view = View(
      key: graph.storages[tensor.storage].key, offset: tensor.offset, shape: tensor.shape,
      strides: tensor.strides, elementType: tensor.elementType)
    if let tensor = made[view] { return tensor }
    budget -= layout.elementCount
    guard budget >= 0 else {
      throw failure(.badTensor(key: key, problem: "is far larger than the file that it is in"))
    }
    let result =
      isContiguous
      ? try archive.file.tensor(layout, at: start)
      : try archive.file.withBytes(start..<range.upperBound) { bytes in
        StridedCopy.gather(bytes, layout: layout, strides: tensor.strides)
      }
    made[view] = result
    return result
  }

  /// The range of the tensor's storage in the file.
  private func storageRange(
    _ tensor: PickledTensor, named key: String
  ) throws(CheckpointError) -> Range<Int> {
    let storage = graph.storages[tensor.storage]
    let range = try archive.range(of: "\(root)data/\(storage.key)")
    let (expected, overflow) = storage.count.multipliedReportingOverflow(
      by: storage.elementType?.byteCount ?? 1)
    guard !overflow, expected == range.count else {
      throw failure(
        .sizeMismatch(
          key: key, shape: tensor.shape, expectedBytes: expected, foundBytes: range.count))
    }
    return range
  }

  /// Checks that the view's last element lies within its storage of `capacity` elements.
  private func checkReach(
    _ tensor: PickledTensor, capacity: Int, named key: String
  ) throws(CheckpointError) {
    var last = tensor.offset
    for (size, stride) in zip(tensor.shape, tensor.strides) {
      let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, carry) = last.addingReportingOverflow(step)
      last = overflow || carry ? Int.max : sum
    }
    guard last < capacity else {
      throw failure(
        .badTensor(key: key, problem: "reaches past the \(capacity) elements of its storage"))
    }
  }

  private func isContiguous(_ tensor: PickledTensor) -> Bool {
    var expected = 1
    for (size, stride) in zip(tensor.shape, tensor.strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }
}
