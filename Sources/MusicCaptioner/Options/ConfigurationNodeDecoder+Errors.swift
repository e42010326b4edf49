extension ConfigurationNodeDecoder {
  func error(
    _ reason: ConfigurationError.Reason, place: ConfigurationPlace? = nil, key: String? = nil
  ) -> ConfigurationError {
    ConfigurationError(
      file: source.file, place: place ?? written?.place,
      path: dottedPath(path + (key.map { [$0] } ?? [])), reason: reason)
  }

  func wrongType(expected: String) -> ConfigurationError {
    error(.wrongType(found: effective?.found ?? "nothing", expected: expected))
  }

  func refuseUnknownKeys() throws {
    guard source.refusesUnknownKeys, !asked.isDelegated else { return }
    for entry in written?.entries ?? [] where !asked.contains(entry.key) {
      throw unknown(entry, candidates: asked.keys)
    }
  }

  private func unknown(
    _ entry: ConfigurationNode.Entry, candidates: [String]
  ) -> ConfigurationError {
    error(
      .unknownKey(
        entry.key, nearest: nearestName(to: entry.key, among: candidates), allowed: candidates),
      place: entry.place, key: entry.key)
  }

  /// A key that is needed; the fault may be a slip in one that was written.
  func missing(_ key: String) -> ConfigurationError {
    for entry in written?.entries ?? []
    where !asked.contains(entry.key) && nearestName(to: entry.key, among: [key]) != nil {
      return unknown(entry, candidates: [key])
    }
    return error(.missingKey(key))
  }

  func translated<Value>(
    _ failure: DecodingError, for type: Value.Type
  ) -> ConfigurationError {
    if let allowed = enumerationValues(of: type), let node = effective,
      case .scalar(let text, _) = node.content, !node.isNull
    {
      return error(
        .unknownValue(
          found: quotedForMessage(text), nearest: nearestName(to: text, among: allowed),
          allowed: allowed))
    }
    var why = ""
    switch failure {
    case .keyNotFound(let missingKey, _): return missing(key(missingKey))
    case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
      why = " (\(context.debugDescription))"
    @unknown default: break
    }
    return error(
      .invalid(found: effective?.found ?? "nothing", expected: "a valid \(type)\(why)"))
  }

  private func enumerationValues<Value>(of type: Value.Type) -> [String]? {
    guard let cases = type as? any CaseIterable.Type else { return nil }
    func rawValues<Cases: CaseIterable>(_ type: Cases.Type) -> [String]? {
      let values = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
      return values.isEmpty ? nil : values
    }
    return rawValues(cases)
  }
}
