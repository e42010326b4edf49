/// Looks for the model's dictionary of tensors in what a checkpoint holds.
///
/// People save it alone, in a dictionary beside the optimizer's state, or in several such wrappings, some of
/// which are tuples or lists.
struct StateDictSearch {
  typealias Entries = [(key: String, value: PickleValue)]

  /// What the model's dictionary is called; earlier names come first.
  private static let names = ["state_dict", "model_state_dict", "model"]
  private static let maximumDepth = 8
  /// Enough to see that no single one is meant.
  private static let maximumCount = 1000

  /// What leads from a container to one in it.
  private enum Step: Equatable {
    /// The place in `names`.
    case name(Int)
    case key(String)
    case element(Int)

    init(_ key: String) {
      self = names.firstIndex(of: key).map { .name($0) } ?? .key(key)
    }

    var text: String {
      switch self {
      case .name(let rank): names[rank]
      case .key(let key): key
      case .element(let index): "[\(index)]"
      }
    }

    var isName: Bool { if case .name = self { true } else { false } }
    /// `nil` for a key that doesn't tell what is under it.
    var rank: Int? {
      switch self {
      case .name(let rank): rank
      case .element: 0
      case .key: nil
      }
    }
  }

  /// A container, and how it is reached from another.
  private struct Node {
    let container: Int
    /// In `nodes`; `nil` at the top.
    let parent: Int?
    let step: Step?
  }

  /// A dictionary that has tensors, and how it is reached.
  private struct Candidate {
    let path: [Step]
    let entries: Entries
  }

  private let graph: PickleGraph
  private var nodes: [Node] = []
  private var candidates: [Candidate] = []
  /// Dictionaries whose tensors are all single numbers, such as a loss.
  private var numbersOnly: [Candidate] = []

  /// The entries of the dictionary with the model's tensors.
  static func entries(in graph: PickleGraph, path: String) throws(CheckpointError) -> Entries {
    var search = StateDictSearch(graph)
    search.collect()
    let found = search.candidates.isEmpty ? search.numbersOnly : search.candidates
    let best = choose(found)
    guard let first = best.first else {
      throw CheckpointError(.noStateDict(found: graph.summary), file: path)
    }
    guard best.count == 1 else {
      let places = best.map { $0.path.map(\.text).joined(separator: ".") }
      throw CheckpointError(.severalStateDicts(places), file: path)
    }
    return first.entries
  }

  private init(_ graph: PickleGraph) { self.graph = graph }

  // MARK: - Finding

  /// Visits each container once, however often the file refers to it, those near the top first.
  private mutating func collect() {
    guard case .container(let root) = graph.root else { return }
    var seen: Set<Int> = [root]
    nodes = [Node(container: root, parent: nil, step: nil)]
    var level = nodes.indices
    for _ in 0...Self.maximumDepth where candidates.count < Self.maximumCount {
      for place in level {
        for (step, value) in visit(place) {
          if case .container(let index) = value, !graph.containers[index].items.isEmpty,
            seen.insert(index).inserted
          {
            nodes.append(Node(container: index, parent: place, step: step))
          }
        }
      }
      level = level.upperBound..<nodes.count
    }
  }

  private func path(_ place: Int) -> [Step] {
    var steps: [Step] = []
    var node = nodes[place]
    while let parent = node.parent, let step = node.step {
      steps.append(step)
      node = nodes[parent]
    }
    return steps.reversed()
  }

  /// Notes the container if it has tensors.
  ///
  /// - Returns: What is in it, under the known names first: what has several names goes by the best.
  private mutating func visit(_ place: Int) -> [(step: Step, value: PickleValue)] {
    let value = PickleValue.container(nodes[place].container)
    if let elements = graph.sequence(value) {
      return elements.enumerated().map { (.element($0.offset), $0.element) }
    }
    guard let entries = graph.entries(value) else { return [] }
    let shapes = entries.compactMap { entry in
      if case .tensor(let index) = entry.value { graph.tensors[index].shape } else { nil }
    }
    if !shapes.isEmpty {
      let candidate = Candidate(path: path(place), entries: entries)
      if shapes.contains(where: { !$0.isEmpty }) {
        candidates.append(candidate)
      } else {
        numbersOnly.append(candidate)
      }
    }
    let children = entries.map { (step: Step($0.key), value: $0.value) }
    let named = children.filter(\.step.isName).sorted { $0.step.rank ?? 0 < $1.step.rank ?? 0 }
    return named + children.filter { !$0.step.isName }
  }

  // MARK: - Choosing

  /// - Returns: One, or those between which nothing decides.
  private static func choose(_ candidates: [Candidate]) -> [Candidate] {
    guard candidates.count > 1, let first = candidates.first else { return candidates }
    // What all are in says nothing about any of them.
    let shared = first.path.indices.first { index in
      candidates.contains { $0.path.count <= index || $0.path[index] != first.path[index] }
    }
    let own = candidates.map {
      (candidate: $0, path: $0.path.dropFirst(shared ?? first.path.count))
    }
    let named = own.filter { !$0.path.isEmpty && $0.path.allSatisfy { $0.rank != nil } }
    let ranked = named.map { ($0.candidate, $0.path.compactMap(\.rank)) }
    if let best = ranked.map(\.1).min(by: precedes) {
      return ranked.filter { $0.1 == best }.map(\.0)
    }
    if let around = own.first(where: \.path.isEmpty) { return [around.candidate] }
    let least = own.map(\.path.count).min()
    return own.filter { $0.path.count == least || $0.path.contains(where: \.isName) }
      .map(\.candidate)
  }

  private static func precedes(_ a: [Int], _ b: [Int]) -> Bool {
    a.count == b.count ? a.lexicographicallyPrecedes(b) : a.count < b.count
  }
}

extension PickleGraph {
  /// What the file holds, for a message: the keys of a dictionary, otherwise what it is.
  fileprivate var summary: [String] {
    if let items = items(root, .dictionary) {
      let keys = stride(from: 0, to: items.count - 1, by: 2).map { items[$0] }
      return keys.isEmpty ? ["an empty dictionary"] : keys.map(text)
    }
    return [text(root)]
  }

  private func text(_ value: PickleValue) -> String {
    switch value {
    case .string(let text): text
    case .int(let number): "\(number)"
    case .float(let number): "\(number)"
    case .bool(let value): value ? "True" : "False"
    case .none: "None"
    case .bytes: "bytes"
    case .tensor: "a tensor"
    case .container(let index):
      switch (containers[index].kind, containers[index].items.count) {
      case (.dictionary, let count): "a dictionary of \(count / 2)"
      case (let kind, let count): "a \(kind) of \(count)"
      }
    case .callable, .storage, .opaque: "an object that is no tensor"
    }
  }
}
