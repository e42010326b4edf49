import MusicCaptioner

/// How far a job is, for the status line.
struct Status: Sendable, Equatable {
  /// A measurement that stands behind the count.
  struct Detail: Sendable, Equatable {
    let text: String
    /// What matters least is left out first where the line is too short.
    let importance: Int
  }

  var doneCount: Int
  /// Nil if nobody knows: then there is no bar.
  var total: Int?
  /// What is counted, in the plural: `files`.
  var unit: String
  /// How much of the next one is done, from 0 to 1.
  var part = 0.0
  var details: [Detail] = []

  init(_ doneCount: Int, of total: Int?, _ unit: String) {
    self.doneCount = doneCount
    self.total = total
    self.unit = unit
  }

  mutating func add(_ text: String?, importance: Int) {
    if let text { details.append(Detail(text: text, importance: importance)) }
  }

  var isComplete: Bool { total.map { doneCount >= $0 } ?? false }

  /// With the part of the current one.
  var done: Double { Double(doneCount) + part }

  private func fraction(of total: Int) -> Double {
    total > 0 ? min(1, max(0, done / Double(total))) : 1
  }

  /// Rounded down: it is 100 % when all is done.
  private func percentage(of total: Int) -> String { "\(Int(fraction(of: total) * 100))%" }

  /// Without a bar, for a log.
  func line(timeLeft: String?) -> String {
    let texts = parts(timeLeft).map(\.text)
    return (total.map { [percentage(of: $0)] + texts } ?? texts).joined(separator: "  ")
  }

  /// With a bar, in less than `width` columns: some terminals start a new line as soon as the last column is used, and
  /// behind the bar there is room for the `^C` that they echo. Parts behind the bar go, the least important first,
  /// before the bar does.
  func bar(timeLeft: String?, width: Int) -> String {
    let room = max(0, width - (width < 8 ? 1 : 3))
    guard let total else { return tail(parts(timeLeft), in: room) }
    let percentage = self.percentage(of: total)
    let head = String(repeating: " ", count: max(0, 4 - percentage.count)) + percentage
    let end = tail(parts(timeLeft), in: room - head.count - 1 - Self.shortestBar)
    let columns = min(Self.longestBar, room - head.count - 1 - end.count)
    // A bar of a few columns says less than the percentage.
    guard columns >= Self.shortestBar / 2 else { return String(head.prefix(room)) }
    return "\(head) \(Self.blocks(fraction(of: total), columns: columns))\(end)"
  }

  /// The most important parts that fit.
  private func tail(_ parts: [Detail], in room: Int) -> String {
    var parts = parts
    func text() -> String { parts.map { "  " + $0.text }.joined() }
    while text().count > room,
      let least = parts.indices.min(by: { parts[$0].importance < parts[$1].importance })
    {
      parts.remove(at: least)
    }
    return text()
  }

  private func parts(_ timeLeft: String?) -> [Detail] {
    let count = total.map { "\(doneCount)/\($0) \(unit)" } ?? "\(doneCount) \(unit)"
    return [Detail(text: count, importance: .max - 1)] + details
      + (timeLeft.map { [Detail(text: "\($0) left", importance: .max)] } ?? [])
  }

  private static let (shortestBar, longestBar) = (10, 40)

  /// A bar drawn in eighths of a column.
  private static func blocks(_ fraction: Double, columns: Int) -> String {
    let eighths = Int(fraction * Double(8 * columns))
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    let full = String(repeating: "█", count: eighths / 8)
    let rest = columns - eighths / 8 - (partial.isEmpty ? 0 : 1)
    return full + partial + String(repeating: "░", count: rest)
  }
}
