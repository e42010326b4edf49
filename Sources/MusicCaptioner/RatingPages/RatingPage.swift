/// A page that asks people which of two systems' captions fits a clip better, without revealing
/// which system wrote which.
package struct RatingPage: Sendable {
  /// A clip with its captions in the order shown.
  package struct Item: Sendable, Equatable {
    /// The clip's id in the predictions.
    package let clip: String
    package let first: String
    package let second: String
  }

  /// The clips in the order shown.
  package let items: [Item]
  /// Which system wrote which caption.
  package let key: RatingKey
  /// 16 hexadecimal digits, a hash of the page's content.
  package let id: String

  /// - Parameters:
  ///   - a: One system's captions.
  ///   - b: The other's, of the same clips in the same order.
  ///   - clips: The clips' ids.
  ///   - names: The two systems' names in reports.
  ///   - sampleCount: The number of clips to draw; nil for all.
  ///   - seed: For the draw, the order and the sides. Each system comes first equally often.
  package init(
    a: [String], b: [String], clips: [String], names: (a: String, b: String),
    sampleCount: Int? = nil, seed: UInt64 = 0
  ) {
    precondition(a.count == clips.count && b.count == clips.count)
    var random = RandomSource(seed: seed, stream: "rating page")
    let drawn = clips.indices.shuffled(using: &random).prefix(sampleCount ?? clips.count)
    let isSwapped = drawn.indices.map { $0 % 2 == 1 }.shuffled(using: &random)
    items = zip(drawn, isSwapped).map { clip, isSwapped in
      Item(
        clip: clips[clip], first: isSwapped ? b[clip] : a[clip],
        second: isSwapped ? a[clip] : b[clip])
    }
    key = RatingKey(a: names.a, b: names.b, isSwapped: isSwapped)
    let content = items.flatMap { [$0.clip, $0.first, $0.second] } + [key.encoded, "\(seed)"]
    var hash = FNVHash()
    for text in content { hash.add(text, end: 0) }
    id = hash.hexadecimal
  }

  /// The source of a clip's audio.
  package enum Sound: Sendable {
    /// The content of a file, written into the page.
    case embedded(type: String, base64: String)
    /// A relative URL.
    case linked(String)
  }

  /// Writes the page piece by piece, because all its audio together may be larger than memory.
  ///
  /// - Parameters:
  ///   - isLinked: Whether `sound` returns links.
  ///   - sound: Returns an item's audio when it is needed.
  ///   - write: Receives the pieces.
  package func write(
    isLinked: Bool, sound: (Item) throws -> Sound, to write: (String) throws -> Void
  ) throws {
    let template = RatingPageTemplate(mediaSources: isLinked ? "'self' file:" : "blob:")
    try write(template.head)
    var members: [String] = []
    for (index, item) in items.enumerated() {
      var fields: JSONObject = [
        "clip": .text(item.clip), "first": .text(item.first), "second": .text(item.second),
      ]
      switch try sound(item) {
      case .embedded(let type, let base64):
        fields.set("type", type)
        try write("<script type=\"text/plain\" id=\"audio-\(index)\">\(base64)</script>\n")
      case .linked(let url): fields.set("link", url)
      }
      members.append(JSONWriter.text(.object(fields), .compact, style: .script))
    }
    let page = QuotedText.quoted(id, .script)
    let key = QuotedText.quoted(key.encoded, .script)
    let data =
      "{\"page\":\(page),\"key\":\(key),\"items\":[\n" + members.joined(separator: ",\n")
      + "\n]}"
    try write("<script type=\"application/json\" id=\"page\">\(data)</script>\n")
    try write(template.tail)
  }
}
