/// The outcome of one instruction for one track.
enum CaptionOutcome: Sendable, Equatable {
  /// - Parameter newAttributes: The tags added by the model, if it was asked for some.
  case caption(String, newAttributes: [String]?)
  /// An answer that gives no caption, unchanged; why.
  case unparsed(String, why: String)
  /// A caption rejected by a filter.
  case rejected(CaptionFilter, text: String)
}

/// A track with its captions, as a line of JSON in the columns of LP-MusicCaps-MSD, -MTT and -MC.
struct CaptionedRow {
  let row: TagRow
  let outcomes: [Instruction: CaptionOutcome]
  /// Whether to include the input's row number, so that the run can be continued later.
  let tellsNumber: Bool

  /// The column with the number of the input's row, counted from 0.
  static let numberColumn = "input_row"
  /// Answers that could not be parsed, unchanged, by instruction.
  static let unparsedColumn = "unparsed"
  /// Why, by instruction.
  static let unparsedReasonColumn = "unparsed_reason"
  /// Captions rejected by filters, by instruction.
  static let rejectedColumn = "rejected"

  /// The official data sets' columns, in their order.
  private static let columns = [
    "track_id", "title", "artist_name", "release", "year", "fname", "ytid", "tag", "aspect_list",
    "extra_tag", "tag_top188", "tag_top50", "caption_ground_truth", "caption_writing",
    "caption_summary", "caption_paraphrase", "caption_attribute_prediction", "pseudo_attribute",
    "path", "is_crawled", "author_id", "start_s", "end_s", "audioset_positive_labels",
    "is_balanced_subset", "is_audioset_eval",
  ]
  /// The columns where readers of the official data sets look for tags.
  private static let officialTagColumns: Set<String> = [
    "tag", "aspect_list", "tag_top188", "tag_top50",
  ]
  private static let numbers: Set<String> = ["year", "author_id", "start_s", "end_s"]
  private static let truths: Set<String> = ["is_crawled", "is_balanced_subset", "is_audioset_eval"]

  /// The line without its newline.
  var line: String {
    var fields = Self.typed(row.fields.lastByKey)
    addOfficialNames(to: &fields)
    fields[row.tagColumn] = Self.list(row.tags)
    if !Self.officialTagColumns.contains(row.tagColumn), fields["tag"] == nil {
      fields["tag"] = Self.list(row.tags)
    }
    var unparsed: JSONObject = [:]
    var reasons: JSONObject = [:]
    var rejected: JSONObject = [:]
    for (instruction, outcome) in outcomes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      fields[instruction.column] = .null
      switch outcome {
      case .caption(let text, let newAttributes):
        fields[instruction.column] = .text(text)
        if let newAttributes {
          fields[Instruction.newAttributesColumn] = Self.list(newAttributes)
        }
      case .unparsed(let text, let why):
        unparsed[instruction.rawValue] = .text(text)
        reasons[instruction.rawValue] = .text(why)
      case .rejected(let filter, let text):
        rejected[instruction.rawValue] = .object([
          "filter": .text(filter.rawValue), "text": .text(text),
        ])
      }
    }
    if !unparsed.members.isEmpty {
      fields[Self.unparsedColumn] = .object(unparsed)
      fields[Self.unparsedReasonColumn] = .object(reasons)
    }
    if !rejected.members.isEmpty { fields[Self.rejectedColumn] = .object(rejected) }
    fields[Self.numberColumn] = tellsNumber ? .number("\(row.number)") : nil
    let official = Self.columns.compactMap { name in fields[name].map { (name, $0) } }
    let others = fields.filter { !Self.columns.contains($0.key) }.sorted { $0.key < $1.key }
    return JSONObject(official + others.map { ($0.key, $0.value) }).line
  }

  /// Adds the official names of columns that our manifests and MusicCaps' own table call
  /// differently.
  private func addOfficialNames(to fields: inout [String: JSONValue]) {
    if let audio = fields["audio"], fields["path"] == nil, fields["ytid"] == nil {
      fields["path"] = audio
      if fields["track_id"] == nil { fields["track_id"] = fields["id"] ?? audio }
    }
    if fields["ytid"] != nil, fields["caption_ground_truth"] == nil, let caption = fields["caption"]
    {
      fields["caption_ground_truth"] = caption
      fields["caption"] = nil
    }
  }

  /// CSV only has texts; the official data sets have numbers and booleans.
  private static func typed(_ fields: [String: JSONValue]) -> [String: JSONValue] {
    var fields = fields
    for name in numbers {
      if case .text(let text) = fields[name], Double(text) != nil { fields[name] = .number(text) }
    }
    for name in truths {
      guard case .text(let text) = fields[name] else { continue }
      switch text.lowercased() {
      case "true": fields[name] = .truth(true)
      case "false": fields[name] = .truth(false)
      default: continue
      }
    }
    return fields
  }

  private static func list(_ texts: [String]) -> JSONValue { JSONValue(texts) }
}
