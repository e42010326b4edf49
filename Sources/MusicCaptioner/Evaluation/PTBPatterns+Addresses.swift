/// Addresses of the web and of mail, names with "@", hashtags.
extension PTBPatterns {
  /// An address of the web or of mail, a name with "@", or a hashtag.
  func address(at position: Int) -> Int? {
    switch text[position] {
    case "@":
      let end = run(position + 1) { isAlphanumeric($0) && text[$0].isASCII || text[$0] == "_" }
      return end > position + 1 && !isDigit(position + 1) ? end : nil
    case "#":
      let end = run(position + 1) { isLetter($0) }
      if isLetter(position + 1) { return end }
      let marks = run(position) { text[$0] == "#" }
      return marks > position + 1 ? marks : nil
    default: break
    }
    guard isAlphanumeric(position), text[position].isASCII else { return nil }
    return [web(at: position), site(at: position), mail(at: position)].compactMap(\.self).max()
  }

  private static let notInAddress = Set("\"<>|()".unicodeScalars)
  private static let notAtAddressEnd = Set(".!?{},-".unicodeScalars)
  private static let notInName = Set("\"`'<>|.!?(){},-_$:;/@&".unicodeScalars)
  private static let topDomains: Set<String> = ["com", "net", "org", "edu"]
  /// Longer names and addresses of mail aren't looked for, so that a text without spaces takes linear
  /// time.
  private static let longestName = 64
  private static let longestMail = 256

  /// The end of a run of what an address may contain, without marks at its end.
  func body(_ position: Int) -> Int? {
    var end = run(position) { !text[$0].isSpace && !Self.notInAddress.contains(text[$0]) }
    while end > position, Self.notAtAddressEnd.contains(text[end - 1]) { end -= 1 }
    return end >= position + 2 ? end : nil
  }

  func web(at position: Int) -> Int? {
    guard has("http", at: position) else { return nil }
    let colon = position + (has("https", at: position) ? 5 : 4)
    guard has("://", at: colon), let end = body(colon + 3) else { return nil }
    return end
  }

  /// "www.name.com", "name.org", perhaps with a path.
  func site(at position: Int) -> Int? {
    var end = position
    var parts: [Range<Int>] = []
    while parts.count < 8 {
      let limit = end + Self.longestName
      let part = run(end) { $0 < limit && !text[$0].isSpace && !Self.notInName.contains(text[$0]) }
      guard part > end else { break }
      parts.append(end..<part)
      end = part
      guard at(end) == "." else { break }
      end += 1
    }
    guard parts.count >= 2, let first = parts.first else { return nil }
    let isNamed = has("www", at: first.lowerBound) && first.count == 3
    let last = parts.lastIndex { part in
      let word = String(String.UnicodeScalarView(text[part])).lowercased()
      return isNamed
        ? (2...4).contains(word.utf8.count) && word.utf8.allSatisfy { $0 > 0x60 && $0 < 0x7B }
        : Self.topDomains.contains(word)
    }
    guard let last, last > (isNamed ? 1 : 0) else { return nil }
    end = parts[last].upperBound
    if at(end) == "/", let path = body(end + 1) { return path }
    return end
  }

  func mail(at position: Int) -> Int? {
    guard hasSign else { return nil }
    func run(_ start: Int) -> Int {
      self.run(start) {
        $0 < position + Self.longestMail && text[$0] != "@" && !text[$0].isSpace
          && !Self.notInAddress.contains(text[$0])
      }
    }
    let sign = run(position)
    guard at(sign) == "@" else { return nil }
    var end = run(sign + 1)
    while end > sign + 1, ".,!?;:'\"-".unicodeScalars.contains(text[end - 1]) { end -= 1 }
    return end > sign + 1 ? end : nil
  }
}
