/// Captions without a language model: the paper's baselines.
public enum TagBaseline: String, CaseIterable, Sendable {
  /// The tags, joined by commas.
  case tagConcat = "tag-concat"
  /// The tags in a fixed sentence.
  case template

  /// - Parameter tags: One or more.
  func caption(_ tags: [String]) -> String {
    let joined = tags.joined(separator: ", ")
    return switch self {
    case .tagConcat: joined
    case .template: "the music is characterized by \(joined)"
    }
  }
}

/// The order in which a track's tags are listed.
struct TagOrder: Sendable, Equatable {
  /// As written if nil. Otherwise shuffled: the same seed, track and instruction give the same
  /// order, independent of what came before.
  var seed: UInt64?

  func arrange(_ tags: [String], row: Int, instruction: Instruction) -> [String] {
    guard let seed else { return tags }
    var random = RandomSource(
      seed: seed, stream: "tags of \(instruction.rawValue)", index: UInt64(row))
    return tags.shuffled(using: &random)
  }
}
