/// A text as Unicode scalars without normalization, like Python's `str`, for the metrics.
///
/// Swift's `String` and `Character` treat canonically equivalent text as equal ("\r\n", é and e +
/// ◌́); the official metrics don't.
typealias Scalars = [Unicode.Scalar]

extension Unicode.Scalar {
  /// White space according to Python's `str.isspace` and `\s`.
  var isSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
      0x205F, 0x3000:
      true
    default: false
    }
  }

  /// Characters that Python's `\w` matches: letters, anything with a numeric value, and `_`.
  var isWordScalar: Bool {
    switch self {
    case "a"..."z", "A"..."Z", "0"..."9", "_": return true
    case _ where isASCII: return false
    default: break
    }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return true
    default: return properties.numericType != nil
    }
  }

  /// Characters that Python's `\d` matches.
  var isDecimalDigit: Bool {
    isASCII ? ("0"..."9").contains(self) : properties.generalCategory == .decimalNumber
  }

  var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

extension Scalars {
  init(_ text: String) { self = Array(text.unicodeScalars) }

  /// Split at white space.
  var words: [Scalars] { split(whereSeparator: \.isSpace).map(Array.init) }

  /// Without white space at the end.
  var trimmedAtEnd: Scalars {
    guard let last = lastIndex(where: { !$0.isSpace }) else { return [] }
    return last == count - 1 ? self : Array(self[...last])
  }

  /// Without white space at both ends.
  var trimmed: Scalars {
    Array(trimmedAtEnd.drop(while: \.isSpace))
  }

  /// Like Python's `str.lower`: the full Unicode mapping, in which Σ becomes ς at the end of a
  /// word.
  var lowercased: Scalars {
    guard contains(where: { !$0.isASCII || ("A"..."Z").contains($0) }) else { return self }
    var result = Scalars()
    result.reserveCapacity(count)
    for index in indices {
      let scalar = self[index]
      if scalar.isASCII {
        let isUpper = ("A"..."Z").contains(scalar)
        result.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar)
      } else if scalar == "Σ" {
        result.append(isFinalSigma(index) ? "ς" : "σ")
      } else {
        result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return result
  }

  /// Unicode's condition Final_Sigma: a cased letter before it, and none after.
  private func isFinalSigma(_ index: Int) -> Bool {
    func isCased(_ scalar: Unicode.Scalar?) -> Bool { scalar?.properties.isCased ?? false }
    let before = self[..<index].last { !$0.properties.isCaseIgnorable }
    let after = self[(index + 1)...].first { !$0.properties.isCaseIgnorable }
    return isCased(before) && !isCased(after)
  }

  /// Whether `other` occurs at `position`.
  func has(_ other: Scalars, at position: Int) -> Bool {
    guard position >= 0, count - position >= other.count else { return false }
    for offset in other.indices where self[position + offset] != other[offset] { return false }
    return true
  }

  func hasSuffix(_ suffix: Scalars) -> Bool { has(suffix, at: count - suffix.count) }

  /// Rewrites from left to right: `rule` looks at a position. If it applies, it appends the
  /// replacement and returns the number of scalars replaced; otherwise it returns 0.
  @inline(__always)
  func rewritten(
    _ rule: (_ text: Scalars, _ position: Int, _ output: inout Scalars) -> Int
  ) -> Scalars {
    var output = Scalars()
    output.reserveCapacity(count + count / 4 + 8)
    var position = 0
    while position < count {
      let consumed = rule(self, position, &output)
      if consumed == 0 { output.append(self[position]) }
      position += Swift.max(consumed, 1)
    }
    return output
  }

  /// With a space on each side of every scalar for which `isPadded` is true.
  @inline(__always)
  func padding(where isPadded: (Unicode.Scalar) -> Bool) -> Scalars {
    rewritten { text, position, output in
      guard isPadded(text[position]) else { return 0 }
      output += [" ", text[position], " "]
      return 1
    }
  }

  /// With every `pattern` replaced by `replacement`.
  func replacing(_ pattern: String, with replacement: String) -> Scalars {
    let pattern = Scalars(pattern)
    let replacement = Scalars(replacement)
    return rewritten { text, position, output in
      guard text.has(pattern, at: position) else { return 0 }
      output += replacement
      return pattern.count
    }
  }
}
