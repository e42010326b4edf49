import Foundation

extension ParquetColumn {
  /// A value as JSON has it: times and decimals as text, numbers that JSON lacks as null, and bytes
  /// that are no text in base64.
  func value(_ value: ParquetValue) throws(ParquetFault) -> JSONValue {
    switch value {
    case .boolean(let truth): .truth(truth)
    case .integer(let number): logicalType.value(number)
    case .single(let number): number.isFinite ? .number("\(number)") : .null
    case .double(let number): JSONValue(number)
    case .bytes(let bytes): try text(bytes)
    case .dictionaryIndex: .null
    }
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(ParquetFault) -> JSONValue {
    switch logicalType {
    case .decimal(let scale) where bytes.count <= 64:
      return .number(ParquetLogicalType.decimal(Self.decimalDigits(bytes), scale))
    case .float16 where bytes.count == 2:
      let (low, high) = (bytes[bytes.startIndex], bytes[bytes.startIndex + 1])
      let number = Float(half: UInt16(low) | UInt16(high) << 8)
      return number.isFinite ? .number("\(number)") : .null
    case .uuid where bytes.count == 16:
      let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      let parts = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
      return .text(parts.joined(separator: "-"))
    default: break
    }
    if type == .int96, bytes.count == 12 { return Self.timestamp(bytes) }
    if let text = String(validating: bytes, as: UTF8.self) { return .text(text) }
    guard logicalType != .text else {
      throw ParquetFault(
        "a text that is not UTF-8 in the column \"\(excerpt(name))\"", expected: "UTF-8")
    }
    return .text(Data(bytes).base64EncodedString())
  }

  /// The decimal digits of a whole number in two's complement, the highest byte first.
  static func decimalDigits(_ bytes: ArraySlice<UInt8>) -> String {
    var magnitude = Array(bytes)
    let isNegative = magnitude.first ?? 0 >= 0x80
    if isNegative {
      var carry = 1
      for index in magnitude.indices.reversed() {
        let sum = Int(~magnitude[index]) + carry
        (magnitude[index], carry) = (UInt8(sum & 0xFF), sum >> 8)
      }
    }
    var digits: [String] = []
    while magnitude.contains(where: { $0 != 0 }) {
      var rest = 0
      for index in magnitude.indices {
        let part = rest << 8 | Int(magnitude[index])
        (magnitude[index], rest) = (UInt8(part / 10), part % 10)
      }
      digits.append("\(rest)")
    }
    return (isNegative ? "-" : "") + (digits.isEmpty ? "0" : digits.reversed().joined())
  }

  /// Nanoseconds of a day, and the number of the day in the Julian calendar's count.
  private static func timestamp(_ bytes: ArraySlice<UInt8>) -> JSONValue {
    let nanoseconds = bytes.prefix(8).reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
    let day = bytes.suffix(4).reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
    // The day may be any 32-bit number, which is more than microseconds have room for.
    let (start, isTooLate) = (day - 2_440_588).multipliedReportingOverflow(by: 86_400_000_000)
    let (sum, overflow) = start.addingReportingOverflow(nanoseconds / 1000)
    return isTooLate || overflow
      ? .null : ParquetLogicalType.timestamp(digits: 6, isUTC: false).value(sum)
  }
}
