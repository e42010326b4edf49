/// A single value decoded as the requested type: the common part of the JSON and YAML decoders.
protocol ScalarDecoding: SingleValueDecodingContainer {
  func truthValue() throws -> Bool
  func string() throws -> String
  func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value
  func real<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ type: Value.Type
  ) throws -> Value
  /// A type with a decoder of its own, such as an enumeration.
  func delegated<Value: Decodable>(_ type: Value.Type) throws -> Value
}

extension ScalarDecoding {
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value: Any
    if type == Bool.self {
      value = try truthValue()
    } else if type == String.self {
      value = try string()
    } else if type == Float.self {
      value = try real(Float.self)
    } else if type == Double.self {
      value = try real(Double.self)
    } else if let integers = type as? any FixedWidthInteger.Type {
      value = try integer(integers)
    } else {
      return try delegated(type)
    }
    guard let result = value as? Value else { return try delegated(type) }
    return result
  }
}
