extension CaptionPair {
  private static let predictionNames = ["prediction", "predictions", "caption"]
  private static let referenceNames = [
    "ground_truth", "true_captions", "references", "reference", "caption_ground_truth",
  ]
  /// Further names accepted in a separate file of references.
  private static let captionNames = ["captions", "caption", "text"]
  package static let idNames = ["audio_id", "id", "audio", "fname", "ytid"]

  /// Reads predictions with their references.
  ///
  /// Accepts the official formats (`[{"prediction", "ground_truth"}]` and `{"0": {"predictions",
  /// "true_captions", "audio_id"}}`), and JSON Lines, CSV, TSV and Parquet with `caption` or
  /// `prediction`, and `reference` or `references`, which may be a list. References in a separate file are
  /// matched by the clips' ids if both files have them, otherwise by order. That file may also be a
  /// JSON array of texts, or plain text with one caption a line.
  ///
  /// - Throws: `EvaluationError` with the file and the record.
  public static func read(
    _ predictions: String, references: String? = nil
  ) throws(EvaluationError) -> [CaptionPair] {
    let pairs = try readPredictions(predictions, hasReferences: references == nil)
    guard let references else { return pairs }
    return try joining(pairs, from: predictions, readReferences(references), from: references)
  }

  /// Reads predictions, with their references only if requested.
  ///
  /// - Throws: `EvaluationError` with the file and the record.
  package static func readPredictions(
    _ path: String, hasReferences: Bool = false
  ) throws(EvaluationError) -> [CaptionPair] {
    let file = try EvaluationFile(path, expected: "a file of predictions", readsLines: false)
    var pairs: [CaptionPair] = []
    pairs.reserveCapacity(file.records.count)
    for record in file.records.indices {
      // A model may have said nothing, which CSV can't tell from nothing known.
      guard
        let (name, texts) = try file.texts(
          predictionNames, of: record, areLists: false, takesEmpty: true)
      else {
        throw file.missingField(record, predictionNames)
      }
      guard texts.count == 1 else {
        throw file.error(record, name, found: "\(texts.count) texts", expected: "one prediction")
      }
      var pair = CaptionPair(
        id: try file.id(idNames, of: record), prediction: texts[0], references: [])
      if hasReferences { pair.references = try file.references(referenceNames, of: record) }
      pairs.append(pair)
    }
    return pairs
  }

  private static func readReferences(
    _ path: String
  ) throws(EvaluationError) -> [(id: String?, texts: [String])] {
    let file = try EvaluationFile(path, expected: "a file of references", readsLines: true)
    var references: [(id: String?, texts: [String])] = []
    for record in file.records.indices {
      let names = referenceNames + captionNames
      let texts = try file.texts(of: record, orIn: names)
      guard !texts.isEmpty else {
        throw file.error(record, nil, found: "an empty list", expected: "one reference or more")
      }
      references.append((try file.id(idNames, of: record), texts))
    }
    return references
  }

  private static func joining(
    _ pairs: [CaptionPair], from file: String, _ references: [(id: String?, texts: [String])],
    from other: String
  ) throws(EvaluationError) -> [CaptionPair] {
    var pairs = pairs
    if try hasIDs(pairs.map(\.id), in: file), try hasIDs(references.map(\.id), in: other) {
      let byID = try recordsByID(references.map(\.id), in: other)
      try checkIDs(pairs.map(\.id), in: file, areIn: byID, of: other)
      try checkIDs(
        references.map(\.id), in: other, areIn: try recordsByID(pairs.map(\.id), in: file), of: file
      )
      for index in pairs.indices {
        if let id = pairs[index].id, let record = byID[Array(id.utf8)] {
          pairs[index].references = references[record].texts
        }
      }
    } else {
      guard pairs.count == references.count else {
        throw EvaluationError(
          .unequalCounts(predictions: pairs.count, references: references.count, other: other),
          file: file)
      }
      for index in pairs.indices { pairs[index].references = references[index].texts }
    }
    return pairs
  }

  /// The pairs of `others` in the order of `pairs`; both must have the same references.
  package static func aligning(
    _ others: [CaptionPair], from other: String, to pairs: [CaptionPair], from file: String
  ) throws(EvaluationError) -> [CaptionPair] {
    var others = others
    if try hasIDs(pairs.map(\.id), in: file), try hasIDs(others.map(\.id), in: other) {
      let byID = try recordsByID(others.map(\.id), in: other)
      try checkIDs(pairs.map(\.id), in: file, areIn: byID, of: other)
      try checkIDs(
        others.map(\.id), in: other, areIn: try recordsByID(pairs.map(\.id), in: file), of: file)
      others = pairs.compactMap { $0.id.flatMap { byID[Array($0.utf8)] } }.map { others[$0] }
    }
    guard pairs.count == others.count else {
      throw EvaluationError(
        .unequalCounts(predictions: pairs.count, references: others.count, other: other),
        file: file)
    }
    for (index, (pair, counterpart)) in zip(pairs, others).enumerated()
    where pair.references.map({ Array($0.utf8) }) != counterpart.references.map({ Array($0.utf8) })
    {
      throw EvaluationError(.otherReferences(record: index + 1, other: file), file: other)
    }
    return others
  }

  /// Whether all records have a clip id. - Throws: if only some do.
  private static func hasIDs(_ ids: [String?], in file: String) throws(EvaluationError) -> Bool {
    guard let unnamed = ids.firstIndex(of: nil) else { return !ids.isEmpty }
    guard ids.contains(where: { $0 != nil }) else { return false }
    throw EvaluationError(.missingField(record: unnamed + 1, names: idNames), file: file)
  }

  /// The index of each clip's record. - Throws: if a clip has two.
  @discardableResult
  package static func recordsByID(
    _ ids: [String?], in file: String
  ) throws(EvaluationError) -> [[UInt8]: Int] {
    var records: [[UInt8]: Int] = [:]
    for (index, id) in ids.enumerated() {
      guard let id else { continue }
      if let earlier = records.updateValue(index, forKey: Array(id.utf8)) {
        throw EvaluationError(.duplicateID(id, records: [earlier + 1, index + 1]), file: file)
      }
    }
    return records
  }

  private static func checkIDs(
    _ ids: [String?], in file: String, areIn records: [[UInt8]: Int], of other: String
  ) throws(EvaluationError) {
    let missing = ids.compactMap(\.self).filter { records[Array($0.utf8)] == nil }
    guard let example = missing.first else { return }
    throw EvaluationError(
      .missingIDs(count: missing.count, example: example, other: file), file: other)
  }

  /// Reads training captions: a JSON array of texts or objects, JSON Lines, CSV, TSV or
  /// Parquet with captions, or plain text with one caption a line.
  ///
  /// - Throws: `EvaluationError` with the file and the record.
  public static func readTrainingCaptions(_ path: String) throws(EvaluationError) -> [String] {
    let file = try EvaluationFile(path, expected: "a file of captions", readsLines: true)
    var captions: [String] = []
    for record in file.records.indices {
      let names = captionNames + referenceNames
      // As in training, where tracks without a caption are left out.
      if file.hasOnlyMissing(names, of: record) { continue }
      captions += try file.texts(of: record, orIn: names)
    }
    return captions
  }
}

extension EvaluationFile {
  fileprivate func references(
    _ names: [String], of record: Int
  ) throws(EvaluationError) -> [String] {
    guard let (field, texts) = try texts(names, of: record) else {
      // The first record defines the file's form; later ones that differ are exceptions.
      throw record == 0 && !hasOnlyMissing(names, of: record)
        ? EvaluationError(.noReferences(columns: names), file: name)
        : missingField(record, names)
    }
    guard !texts.isEmpty else {
      throw error(record, field, found: "an empty list", expected: "one reference or more")
    }
    return texts
  }
}
