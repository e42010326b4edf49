/// How a checkpoint stores a tensor's numbers. The raw values are safetensors' names.
package enum ElementType: String, Sendable, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float8e4m3 = "F8_E4M3"
  case float8e5m2 = "F8_E5M2"
  case complex64 = "C64"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"

  /// The number of bytes of one element.
  package var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64, .complex64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float8e4m3, .float8e5m2, .int8, .uint8, .bool: 1
    }
  }

  /// Whether its values can be read, as float32. Other types are only known by name: integers would
  /// lose digits as float32, and no model weight is stored that way.
  package var isReadable: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    default: false
    }
  }
}

/// The precisions in which weights can be written.
package enum StoredPrecision: String, Sendable, CaseIterable, Codable {
  case float32
  /// The upper half of a float32, rounded to nearest, ties to even.
  case bfloat16
  /// IEEE 754 half precision, rounded to nearest, ties to even; 65,520 and above becomes infinity.
  case float16

  var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }
}

/// The validated layout of one tensor in a file.
struct TensorLayout {
  let shape: Shape
  let elementType: ElementType
  let elementCount: Int
  let byteCount: Int

  /// `nil` if the numbers are impossible. Even a tensor without elements must have a plausible
  /// shape: with `[0, 2⁶², 2⁶²]`, computing a row length would overflow.
  init?(shape: Shape, elementType: ElementType) {
    guard shape.count <= 64, let size = shape.map({ $0 == 0 ? 1 : $0 }).checkedElementCount,
      size <= 1 << 48
    else { return nil }
    self.shape = shape
    self.elementType = elementType
    self.elementCount = shape.contains(0) ? 0 : size
    self.byteCount = elementCount * elementType.byteCount
  }
}
