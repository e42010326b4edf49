import Foundation

/// Tensors by name, in order, with a checkpoint's metadata strings.
public struct NamedTensors: Sendable {
  /// Where they come from, for error messages; `nil` if made in memory.
  public internal(set) var source: String?
  /// The names of the tensors that have values, in file order.
  public private(set) var names: [String] = []
  /// Strings that describe the whole file.
  public var metadata: [String: String] = [:]
  /// Entries that are not floating-point tensors: name → what they are (`I64`, …).
  public internal(set) var unread: [String: String] = [:]
  private var tensors: [String: Tensor] = [:]

  public init(metadata: [String: String] = [:], source: String? = nil) {
    self.metadata = metadata
    self.source = source
  }

  /// - Precondition: No name occurs twice.
  public init(_ entries: [(name: String, tensor: Tensor)]) {
    for (name, tensor) in entries {
      precondition(tensors[name] == nil, "'\(name)' appears twice")
      self[name] = tensor
    }
  }

  public var count: Int { names.count }

  /// The tensors with their names, in order.
  public var entries: [(name: String, tensor: Tensor)] {
    names.compactMap { name in tensors[name].map { (name, $0) } }
  }

  /// The total number of elements of all tensors.
  public var elementCount: Int { tensors.values.reduce(0) { $0 + $1.count } }

  /// The tensor of that name. A new name is appended; `nil` removes.
  public subscript(name: String) -> Tensor? {
    get { tensors[name] }
    set {
      let existed = tensors[name] != nil
      tensors[name] = newValue
      if newValue == nil {
        if existed { names.removeAll { $0 == name } }
      } else if !existed {
        names.append(name)
      }
    }
  }

  /// The tensor of that name, which must exist and have that shape.
  ///
  /// - Throws: `CheckpointError` if it is missing, has another shape or holds integers.
  public func tensor(_ name: String, shape: Shape) throws(CheckpointError) -> Tensor {
    guard let tensor = tensors[name] else {
      if let type = unread[name] {
        throw error(.unreadableElementType(key: name, name: type))
      }
      throw error(.mismatch(missing: [name], unexpected: [], shapes: []))
    }
    guard tensor.shape == shape else {
      let difference = CheckpointError.ShapeMismatch(
        key: name, expected: shape, found: tensor.shape)
      throw error(.mismatch(missing: [], unexpected: [], shapes: [difference]))
    }
    return tensor
  }

  /// Checks that the names and shapes are as expected, and reports all differences at once.
  ///
  /// - Parameters:
  ///   - expected: The names and shapes that must be there.
  ///   - allowingUnexpected: Whether an unexpected name is allowed. Entries without floating-point
  ///     numbers always are.
  /// - Throws: `CheckpointError` with the reason `mismatch`, or `unreadableElementType` if an
  ///   expected tensor is stored as integers.
  public func check(
    _ expected: [(name: String, shape: Shape)],
    allowingUnexpected: (String) -> Bool = { _ in false }
  ) throws(CheckpointError) {
    var known: Set<String> = []
    var missing: [String] = []
    var shapes: [CheckpointError.ShapeMismatch] = []
    for (name, shape) in expected {
      known.insert(name)
      if let tensor = tensors[name] {
        if tensor.shape != shape {
          shapes.append(.init(key: name, expected: shape, found: tensor.shape))
        }
      } else if let type = unread[name] {
        throw error(.unreadableElementType(key: name, name: type))
      } else {
        missing.append(name)
      }
    }
    let unexpected = names.filter { !known.contains($0) && !allowingUnexpected($0) }
    if missing.isEmpty && unexpected.isEmpty && shapes.isEmpty { return }
    throw error(.mismatch(missing: missing, unexpected: unexpected, shapes: shapes))
  }

  func error(_ reason: CheckpointError.Reason) -> CheckpointError {
    CheckpointError(reason, file: source ?? "tensors in memory")
  }
}

extension NamedTensors {
  /// Writes the tensors as a safetensors file in float32, which appears complete or not at all.
  ///
  /// - Throws: `CheckpointError` where the file can't be written.
  public func write(to url: URL) throws(CheckpointError) {
    try SafetensorsWriter.write(self, to: url)
  }
}
