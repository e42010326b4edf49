import Foundation

/// What the values of a column are, beyond their physical type: `LogicalType` in `parquet.thrift`, or the older
/// `ConvertedType`.
enum ParquetLogicalType: Equatable {
  case none
  case text
  case list
  case map
  /// Whole numbers of units of 10^-scale.
  case decimal(scale: Int)
  /// Days since 1970.
  case date
  /// Units of 10^-digits seconds since midnight.
  case time(digits: Int)
  /// Units of 10^-digits seconds since 1970.
  case timestamp(digits: Int, isUTC: Bool)
  case unsigned(bits: Int)
  case uuid
  case float16

  /// The older form.
  init?(converted number: Int, _ scale: Int) {
    switch number {
    case 0, 4, 19: self = .text
    case 1, 2: self = .map
    case 3: self = .list
    case 5: self = .decimal(scale: scale)
    case 6: self = .date
    case 7: self = .time(digits: 3)
    case 8: self = .time(digits: 6)
    case 9: self = .timestamp(digits: 3, isUTC: true)
    case 10: self = .timestamp(digits: 6, isUTC: true)
    case 11...14: self = .unsigned(bits: 8 << (number - 11))
    default: return nil
    }
  }

  /// - Parameter reader: At a union that tells the type by the number of its field.
  init?(logical reader: inout ThriftReader) throws(ParquetFault) {
    var logicalType: ParquetLogicalType?
    try reader.fields { (reader, field, _) throws(ParquetFault) in
      switch field {
      case 1, 4, 12: logicalType = .text
      case 2: logicalType = .map
      case 3: logicalType = .list
      case 5: logicalType = .decimal(scale: try Self.parts(&reader).numbers[1] ?? 0)
      case 6: logicalType = .date
      case 7: logicalType = .time(digits: try Self.parts(&reader).digits)
      case 8:
        let parts = try Self.parts(&reader)
        logicalType = .timestamp(digits: parts.digits, isUTC: parts.truths[1] ?? true)
      case 10:
        // Its bits are a byte, which the physical type tells as well.
        let parts = try Self.parts(&reader)
        if parts.truths[2] == false { logicalType = .unsigned(bits: parts.numbers[1] ?? 64) }
      case 14: logicalType = .uuid
      case 15: logicalType = .float16
      default: return false
      }
      return [5, 7, 8, 10].contains(field)
    }
    guard let logicalType else { return nil }
    self = logicalType
  }

  /// The fields of a logical type: numbers, truths, and the unit of a time as decimal digits.
  private static func parts(
    _ reader: inout ThriftReader
  ) throws(ParquetFault) -> (numbers: [Int: Int], truths: [Int: Bool], digits: Int) {
    var (numbers, truths, digits) = ([Int: Int](), [Int: Bool](), 6)
    try reader.fields { (reader, field, kind) throws(ParquetFault) in
      switch kind {
      case .boolTrue, .boolFalse: truths[field] = kind == .boolTrue
      case .byte: numbers[field] = Int(try reader.byte())
      case .int16, .int32, .int64: numbers[field] = try reader.integer()
      case .structure:
        try reader.fields { (_, field, _) in
          if (1...3).contains(field) { digits = 3 * field }
          return false
        }
      default: return false
      }
      return true
    }
    return (numbers, truths, digits)
  }
}

extension ParquetLogicalType {
  /// A whole number as a JSON value.
  func value(_ number: Int64) -> JSONValue {
    switch self {
    case .decimal(let scale): .number(Self.decimal(String(number), scale))
    case .unsigned(let bits) where bits < 64:
      .number("\(UInt64(bitPattern: number) & (1 << UInt64(bits) - 1))")
    case .unsigned: .number("\(UInt64(bitPattern: number))")
    case .date: .text(Self.date(days: number))
    case .time(let digits): .text(Self.time(number, digits))
    case .timestamp(let digits, let isUTC): .text(Self.timestamp(number, digits, isUTC))
    default: .number("\(number)")
    }
  }

  /// A decimal number whose digits are those of a whole one.
  static func decimal(_ digits: String, _ scale: Int) -> String {
    guard scale > 0, scale <= 400 else {
      return scale < 0 && scale >= -400 ? digits + String(repeating: "0", count: -scale) : digits
    }
    let isNegative = digits.hasPrefix("-")
    var text = isNegative ? String(digits.dropFirst()) : digits
    if text.utf8.count <= scale {
      text = String(repeating: "0", count: scale + 1 - text.utf8.count) + text
    }
    return (isNegative ? "-" : "") + text.dropLast(scale) + "." + text.suffix(scale)
  }

  private static func divided(_ number: Int64, by unit: Int64) -> (whole: Int64, rest: Int64) {
    let (whole, rest) = number.quotientAndRemainder(dividingBy: unit)
    return rest < 0 ? (whole - 1, rest + unit) : (whole, rest)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  /// Year, month and day, by Howard Hinnant's algorithm for days of the Gregorian calendar.
  private static func date(days: Int64) -> String {
    guard (-1_000_000_000...1_000_000_000).contains(days) else { return "\(days)" }
    let shifted = days + 719_468
    let (era, dayOfEra) = divided(shifted, by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
    return "\(padded(year, 4))-\(padded(month < 10 ? month + 3 : month - 9, 2))-\(padded(day, 2))"
  }

  private static func unit(_ digits: Int) -> Int64 {
    (0..<digits).reduce(1) { unit, _ in unit * 10 }
  }

  private static func time(_ number: Int64, _ digits: Int) -> String {
    let (seconds, rest) = divided(number, by: unit(digits))
    let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
    return clock.joined(separator: ":") + (rest == 0 ? "" : "." + padded(rest, digits))
  }

  private static func timestamp(_ number: Int64, _ digits: Int, _ isUTC: Bool) -> String {
    let day = 86_400 * unit(digits)
    let (days, rest) = divided(number, by: day)
    return "\(date(days: days))T\(time(rest, digits))" + (isUTC ? "Z" : "")
  }
}
