/// The tags that examples are labeled with: the most frequent of the training tracks.
package struct TagVocabulary: Codable, Sendable, Equatable {
  /// The most frequent first; ties in alphabetical order.
  package let tags: [String]

  package init(tags: [String]) { self.tags = tags }

  /// Selects the `count` most frequent tags.
  package init(_ tracks: TrackSet, count: Int) {
    let names = tracks.table.tagNames
    var frequencies = [Int](repeating: 0, count: names.count)
    for index in 0..<tracks.count {
      for tag in Set(tracks.table.tags(index)) { frequencies[Int(tag)] += 1 }
    }
    let order = names.indices.sorted { a, b in
      frequencies[a] != frequencies[b] ? frequencies[a] > frequencies[b] : names[a] < names[b]
    }
    tags = order.prefix(max(0, count)).map { names[$0] }
  }

  /// The index in this vocabulary of each tag of the set; nil if it isn't included.
  func places(in tracks: TrackSet) -> [Int?] {
    var places: [String: Int] = [:]
    for (place, tag) in tags.enumerated() { places[tag] = place }
    return tracks.table.tagNames.map { places[$0] }
  }
}
