/// A value in a pickle.
///
/// Containers, storages and tensors are indices into a `PickleGraph`, so a container that contains
/// itself, or a million nested ones, need no recursion, neither for reading nor for freeing.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case bytes([UInt8])
  case container(Int)
  case callable(PickleCallable)
  case storage(Int)
  case tensor(Int)
  /// Something that no reader looks at, such as a device, a number of numpy or one of more than 64 bits.
  case opaque
}

struct PickleContainer {
  enum Kind { case tuple, list, set, dictionary }
  let kind: Kind
  /// The elements; for a dictionary, alternating keys and values.
  var items: [PickleValue] = []
}

/// A block of numbers in the file, as named by a persistent id.
struct PickledStorage {
  /// The archive entry's name under `data/`.
  let key: String
  /// `nil` for untyped bytes.
  let elementType: ElementType?
  /// In elements; in bytes if untyped.
  let count: Int
}

/// A view of a storage as the file describes it, not yet checked against the storage.
struct PickledTensor {
  let storage: Int
  let elementType: ElementType
  /// In elements.
  let offset: Int
  let shape: [Int]
  /// In elements.
  let strides: [Int]
}

/// A pickle's content.
struct PickleGraph {
  var root = PickleValue.none
  var containers: [PickleContainer] = []
  var storages: [PickledStorage] = []
  var tensors: [PickledTensor] = []

  func items(_ value: PickleValue, _ kind: PickleContainer.Kind) -> [PickleValue]? {
    guard case .container(let index) = value, containers[index].kind == kind else { return nil }
    return containers[index].items
  }

  /// A tuple's or list's elements.
  func sequence(_ value: PickleValue) -> [PickleValue]? {
    items(value, .tuple) ?? items(value, .list)
  }

  /// A tuple's or list's elements, if all are integers.
  func integers(_ value: PickleValue) -> [Int]? {
    guard let items = sequence(value) else { return nil }
    var numbers: [Int] = []
    for case .int(let number) in items { numbers.append(number) }
    return numbers.count == items.count ? numbers : nil
  }

  /// A dictionary's entries with string keys, in order. For a repeated key the last value counts,
  /// at the position of the first.
  func entries(_ value: PickleValue) -> [(key: String, value: PickleValue)]? {
    guard let items = items(value, .dictionary) else { return nil }
    var places: [String: Int] = [:]
    var entries: [(key: String, value: PickleValue)] = []
    for index in stride(from: 0, to: items.count - 1, by: 2) {
      guard case .string(let key) = items[index] else { continue }
      if let place = places[key] {
        entries[place].value = items[index + 1]
      } else {
        places[key] = entries.count
        entries.append((key, items[index + 1]))
      }
    }
    return entries
  }
}
