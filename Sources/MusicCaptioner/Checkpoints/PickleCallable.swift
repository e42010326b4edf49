/// Everything that a pickle may name. We implement each call ourselves; no code of the file runs.
enum PickleCallable: Equatable, Sendable {
  case orderedDictionary
  /// What makes its missing values is never called.
  case defaultDictionary
  case set
  case bytesFromText
  case rebuildTensor
  case rebuildTypedTensor
  case rebuildParameter
  case size
  case device
  /// A storage class; `nil` means untyped.
  case storage(ElementType?)
  case elementType(ElementType)
  /// A tensor with attributes, or of a subclass.
  case rebuildFromType
  /// Something whose objects are passed over (`PassedOverObjects`).
  case passedOver

  /// `nil` if the callable is refused.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("collections", "defaultdict"): self = .defaultDictionary
    case ("builtins", "set"), ("__builtin__", "set"), ("builtins", "frozenset"),
      ("__builtin__", "frozenset"):
      self = .set
    case ("_codecs", "encode"): self = .bytesFromText  // how protocol 2 writes bytes
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"):
      self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTypedTensor
    case ("torch._utils", "_rebuild_parameter"),
      ("torch._utils", "_rebuild_parameter_with_state"):
      self = .rebuildParameter
    case ("torch", "Size"): self = .size
    case ("torch", "device"): self = .device
    case ("torch._tensor", "_rebuild_from_type_v2"): self = .rebuildFromType
    case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): self = .storage(nil)
    default:
      if module == "torch", let type = Self.storages[name] {
        self = .storage(type)
      } else if module == "torch", let type = Self.elementTypes[name] {
        self = .elementType(type)
      } else if PassedOverObjects.include(module, name) {
        self = .passedOver
      } else {
        return nil
      }
    }
  }

  private static let storages: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
    "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
    "ComplexFloatStorage": .complex64,
  ]

  private static let elementTypes: [String: ElementType] = [
    "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16,
    "float8_e4m3fn": .float8e4m3, "float8_e5m2": .float8e5m2, "complex64": .complex64,
    "int64": .int64, "int32": .int32, "int16": .int16, "int8": .int8,
    "uint64": .uint64, "uint32": .uint32, "uint16": .uint16, "uint8": .uint8, "bool": .bool,
  ]

  /// Carries out the call; `nil` if the arguments don't fit.
  func apply(to arguments: [PickleValue], in graph: inout PickleGraph) -> PickleValue? {
    switch self {
    case .orderedDictionary: orderedDictionary(arguments, &graph)
    case .defaultDictionary: arguments.count <= 1 ? graph.add(.dictionary, []) : nil
    case .set: set(arguments, &graph)
    case .bytesFromText: bytes(arguments)
    case .rebuildTensor: tensor(arguments, type: nil, &graph)
    case .rebuildTypedTensor:
      if arguments.count >= 7, case .callable(.elementType(let type)) = arguments[6] {
        tensor(arguments, type: type, &graph)
      } else {
        nil
      }
    case .rebuildParameter:
      if case .tensor? = arguments.first { arguments[0] } else { nil }
    case .rebuildFromType: tensorOfType(arguments, &graph)
    case .size: arguments.count == 1 ? arguments[0] : nil
    case .device, .passedOver: .opaque
    case .storage, .elementType: nil
    }
  }

  /// What the call copies, in values of a pickle: a small file may call on one large argument again and again.
  func copiedCount(_ arguments: [PickleValue], in graph: PickleGraph) -> Int {
    switch self {
    case .orderedDictionary, .set:
      return 2 * (arguments.first.flatMap(graph.sequence)?.count ?? 0)
    case .bytesFromText:
      guard case .string(let text)? = arguments.first else { return 0 }
      return text.utf8.count / MemoryLayout<PickleValue>.stride
    case .rebuildTensor, .rebuildTypedTensor:
      return arguments.dropFirst(2).prefix(2).reduce(0) { $0 + (graph.sequence($1)?.count ?? 0) }
    case .rebuildFromType:
      return wrappedCall(arguments, in: graph).map { $0.copiedCount($1, in: graph) } ?? 0
    default: return 0
    }
  }

  /// The function that would be called, its class, the function's arguments, and attributes.
  private func tensorOfType(
    _ arguments: [PickleValue], _ graph: inout PickleGraph
  ) -> PickleValue? {
    guard let (rebuild, inner) = wrappedCall(arguments, in: graph) else { return nil }
    return rebuild.apply(to: inner, in: &graph)
  }

  private func wrappedCall(
    _ arguments: [PickleValue], in graph: PickleGraph
  ) -> (function: PickleCallable, arguments: [PickleValue])? {
    guard arguments.count >= 3, case .callable(let rebuild) = arguments[0],
      [.rebuildTensor, .rebuildTypedTensor, .rebuildParameter].contains(rebuild),
      let inner = graph.items(arguments[2], .tuple)
    else { return nil }
    return (rebuild, inner)
  }

  private func orderedDictionary(
    _ arguments: [PickleValue], _ graph: inout PickleGraph
  ) -> PickleValue? {
    var items: [PickleValue] = []
    if let first = arguments.first {
      guard arguments.count == 1, let pairs = graph.sequence(first) else { return nil }
      for pair in pairs {
        guard let pair = graph.sequence(pair), pair.count == 2 else { return nil }
        items += pair
      }
    }
    return graph.add(.dictionary, items)
  }

  private func set(_ arguments: [PickleValue], _ graph: inout PickleGraph) -> PickleValue? {
    guard arguments.count <= 1 else { return nil }
    guard let first = arguments.first else { return graph.add(.set, []) }
    return graph.sequence(first).map { graph.add(.set, $0) }
  }

  private func bytes(_ arguments: [PickleValue]) -> PickleValue? {
    guard arguments.count == 2, case .string(let text) = arguments[0],
      case .string("latin1") = arguments[1]
    else { return nil }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return .bytes(bytes)
  }

  /// Storage, offset, shape, strides; the rest (such as whether it requires gradients) is ignored.
  private func tensor(
    _ arguments: [PickleValue], type: ElementType?, _ graph: inout PickleGraph
  ) -> PickleValue? {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      case .int(let offset) = arguments[1], let shape = graph.integers(arguments[2]),
      let strides = graph.integers(arguments[3]),
      let elementType = type ?? graph.storages[storage].elementType
    else { return nil }
    graph.tensors.append(
      PickledTensor(
        storage: storage, elementType: elementType, offset: offset, shape: shape,
        strides: strides))
    return .tensor(graph.tensors.count - 1)
  }
}

extension PickleGraph {
  mutating func add(_ kind: PickleContainer.Kind, _ items: [PickleValue]) -> PickleValue {
    containers.append(PickleContainer(kind: kind, items: items))
    return .container(containers.count - 1)
  }
}
