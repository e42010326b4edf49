/// Reads pickles of tensors and plain containers, and refuses everything else by name.
///
/// A pickle is a program for a machine with a stack and a memo. This machine has no instruction
/// that runs foreign code: every name is looked up in `PickleCallable`, and reading stops if it
/// isn't there. Memory is bounded by the length of the pickle, which limits copies too, and by `maximumSteps`.
/// Opcodes: CPython's Lib/pickletools.py. `torch.save` writes protocol 2.
struct Unpickler {
  /// An official checkpoint with its optimizer state has some ten thousand.
  static let maximumSteps = 2 << 20
  static let maximumBytes = 64 << 20

  private let path: String
  private var code: ByteCursor
  private var graph = PickleGraph()
  private var stack: [PickleValue] = []
  /// The stack heights at which the marks are.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// The position of the current opcode.
  private var place = 0
  /// How many more values calls may copy. What isn't repeated takes two bytes of the pickle at least.
  private var copyBudget: Int

  /// The content of a pickle.
  ///
  /// - Throws: `CheckpointError` naming the refused callable, or the byte where the pickle becomes
  ///   invalid.
  static func read(_ bytes: [UInt8], path: String) throws(CheckpointError) -> PickleGraph {
    var unpickler = Unpickler(path: path, bytes)
    return try unpickler.run()
  }

  private init(path: String, _ bytes: [UInt8]) {
    self.path = path
    code = ByteCursor(bytes)
    copyBudget = 1 << 16 + bytes.count / 2
  }

  private mutating func run() throws(CheckpointError) -> PickleGraph {
    for _ in 0..<Self.maximumSteps {
      place = code.position
      let opcode = try need(code.byte())
      if opcode == UInt8(ascii: ".") {
        graph.root = try pop()
        return graph
      }
      if try scalar(opcode) { continue }
      if try container(opcode) { continue }
      if try memory(opcode) { continue }
      guard try call(opcode) else { throw bad("unknown opcode \(opcode)") }
    }
    throw bad("it has more than \(Self.maximumSteps) steps")
  }

  // MARK: - Stack

  private func bad(_ problem: String) -> CheckpointError {
    CheckpointError(.badPickle(offset: place, problem: problem), file: path)
  }

  private func need<Value>(_ value: Value?) throws(CheckpointError) -> Value {
    guard let value else { throw bad("it ends early or has a malformed argument") }
    return value
  }

  private mutating func pop() throws(CheckpointError) -> PickleValue {
    guard stack.count > (marks.last ?? 0), let value = stack.popLast() else {
      throw bad("the stack is empty")
    }
    return value
  }

  private mutating func pop(_ count: Int) throws(CheckpointError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw bad("the stack is empty") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw bad("no mark is set") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  // MARK: - Numbers and strings

  /// Whether the opcode pushes a number, string or constant.
  private mutating func scalar(_ opcode: UInt8) throws(CheckpointError) -> Bool {
    switch opcode {
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case UInt8(ascii: "K"): stack.append(.int(Int(try need(code.byte()))))
    case UInt8(ascii: "M"): stack.append(.int(Int(try need(code.integer(UInt16.self)))))
    case UInt8(ascii: "J"): stack.append(.int(Int(try need(code.integer(Int32.self)))))
    case 0x8a: stack.append(try wideInteger(Int(try need(code.byte()))))
    case 0x8b: stack.append(try wideInteger(Int(try need(code.integer(Int32.self)))))
    case UInt8(ascii: "G"):  // the only big-endian number
      let bits = try need(code.integer(UInt64.self)).byteSwapped
      stack.append(.float(Double(bitPattern: bits)))
    case UInt8(ascii: "I"), UInt8(ascii: "L"), UInt8(ascii: "F"): stack.append(try textNumber())
    case UInt8(ascii: "S"), UInt8(ascii: "V"):
      stack.append(.string(try need(String(utf8: try need(code.line())))))
    case 0x8c: try pushText(Int(try need(code.byte())))
    case UInt8(ascii: "X"): try pushText(Int(try need(code.integer(UInt32.self))))
    case 0x8d: try pushText(try need(Int(exactly: try need(code.integer(UInt64.self)))))
    case UInt8(ascii: "C"), UInt8(ascii: "U"): try pushBytes(Int(try need(code.byte())))
    case UInt8(ascii: "B"): try pushBytes(Int(try need(code.integer(UInt32.self))))
    case UInt8(ascii: "T"): try pushBytes(Int(try need(code.integer(Int32.self))))
    case 0x8e, 0x96: try pushBytes(try need(Int(exactly: try need(code.integer(UInt64.self)))))
    default: return false
    }
    return true
  }

  /// A two's-complement integer of any length. Those of more than 64 bits, such as the states of random
  /// generators, are passed over.
  private mutating func wideInteger(_ count: Int) throws(CheckpointError) -> PickleValue {
    let bytes = try need(code.take(count))
    let isNegative = (bytes.last ?? 0) & 0x80 != 0
    let padding: UInt8 = isNegative ? 0xff : 0
    let significant = bytes.prefix(8)
    guard bytes.dropFirst(8).allSatisfy({ $0 == padding }) else { return .opaque }
    var value: Int = isNegative ? -1 : 0
    for byte in significant.reversed() { value = value << 8 | Int(byte) }
    return (value < 0) == isNegative ? .int(value) : .opaque
  }

  /// Protocol 0: `I` and `L` integers, where 00 and 01 are booleans, and `F` numbers.
  private mutating func textNumber() throws(CheckpointError) -> PickleValue {
    let line = try need(String(utf8: try need(code.line())))
    if line == "00" || line == "01" { return .bool(line == "01") }
    let digits = line.hasSuffix("L") ? line.dropLast() : line[...]
    if let value = Int(digits) { return .int(value) }
    let isWhole = digits.first.map { $0 == "-" || $0.isASCII && $0.isNumber } ?? false
    if isWhole, digits.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }) {
      return .opaque
    }
    return .float(try need(Double(line)))
  }

  private mutating func pushText(_ count: Int) throws(CheckpointError) {
    stack.append(.string(try need(String(utf8: try need(code.take(count))))))
  }

  private mutating func pushBytes(_ count: Int) throws(CheckpointError) {
    stack.append(.bytes(Array(try need(code.take(count)))))
  }

  // MARK: - Containers

  /// Whether the opcode makes or fills a container.
  private mutating func container(_ opcode: UInt8) throws(CheckpointError) -> Bool {
    switch opcode {
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: ")"): stack.append(graph.add(.tuple, []))
    case UInt8(ascii: "]"): stack.append(graph.add(.list, []))
    case UInt8(ascii: "}"): stack.append(graph.add(.dictionary, []))
    case 0x8f: stack.append(graph.add(.set, []))
    case UInt8(ascii: "t"): stack.append(graph.add(.tuple, try popToMark()))
    case UInt8(ascii: "l"): stack.append(graph.add(.list, try popToMark()))
    case 0x91: stack.append(graph.add(.set, try popToMark()))
    case UInt8(ascii: "d"): stack.append(graph.add(.dictionary, try inPairs(try popToMark())))
    case 0x85, 0x86, 0x87: stack.append(graph.add(.tuple, try pop(Int(opcode - 0x84))))
    case UInt8(ascii: "a"): try extend(.list, with: try pop(1))
    case UInt8(ascii: "e"): try extend(.list, with: try popToMark())
    case 0x90: try extend(.set, with: try popToMark())
    case UInt8(ascii: "s"): try extend(.dictionary, with: try pop(2))
    case UInt8(ascii: "u"): try extend(.dictionary, with: try inPairs(try popToMark()))
    default: return false
    }
    return true
  }

  private func inPairs(_ items: [PickleValue]) throws(CheckpointError) -> [PickleValue] {
    guard items.count.isMultiple(of: 2) else { throw bad("a dictionary has a key without value") }
    return items
  }

  private mutating func extend(
    _ kind: PickleContainer.Kind, with items: [PickleValue]
  ) throws(CheckpointError) {
    guard stack.count > (marks.last ?? 0), let value = stack.last else {
      throw bad("the stack is empty")
    }
    if case .opaque = value { return }
    guard case .container(let index) = value, graph.containers[index].kind == kind else {
      throw bad("it adds to something that is no \(kind)")
    }
    graph.containers[index].items += items
  }

  // MARK: - Memo and framing

  /// Whether the opcode moves values around.
  private mutating func memory(_ opcode: UInt8) throws(CheckpointError) -> Bool {
    switch opcode {
    case 0x80:
      let version = try need(code.byte())
      guard version <= 5 else { throw bad("unknown protocol \(version)") }
    case 0x95: _ = try need(code.take(8))  // frames only matter to readers of streams
    case UInt8(ascii: "0"):
      // As in Python, a mark counts as a value here.
      if stack.count > (marks.last ?? 0) {
        stack.removeLast()
      } else {
        _ = try need(marks.popLast())
      }
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"):
      let value = try pop()
      stack += [value, value]
    case UInt8(ascii: "q"): try remember(Int(try need(code.byte())))
    case UInt8(ascii: "r"): try remember(Int(try need(code.integer(UInt32.self))))
    case UInt8(ascii: "p"): try remember(try lineNumber())
    case 0x94: try remember(memo.count)
    case UInt8(ascii: "h"): try recall(Int(try need(code.byte())))
    case UInt8(ascii: "j"): try recall(Int(try need(code.integer(UInt32.self))))
    case UInt8(ascii: "g"): try recall(try lineNumber())
    default: return false
    }
    return true
  }

  private mutating func lineNumber() throws(CheckpointError) -> Int {
    try need(Int(try need(String(utf8: try need(code.line())))))
  }

  private mutating func remember(_ index: Int) throws(CheckpointError) {
    guard stack.count > (marks.last ?? 0), let value = stack.last else {
      throw bad("the stack is empty")
    }
    memo[index] = value
  }

  private mutating func recall(_ index: Int) throws(CheckpointError) {
    guard let value = memo[index] else { throw bad("memo \(index) was never set") }
    stack.append(value)
  }

  // MARK: - Calls

  /// Whether the opcode names, calls or refers to something outside the pickle.
  private mutating func call(_ opcode: UInt8) throws(CheckpointError) -> Bool {
    switch opcode {
    case UInt8(ascii: "c"):
      stack.append(.callable(try namedInLines()))
    case 0x93:
      let names = try pop(2)
      guard case .string(let module) = names[0], case .string(let name) = names[1] else {
        throw bad("a callable's name is no string")
      }
      stack.append(.callable(try callable(module, name)))
    case UInt8(ascii: "R"), 0x81:
      let parts = try pop(2)
      guard case .callable(let callable) = parts[0], let arguments = graph.items(parts[1], .tuple)
      else { throw bad("a call of something that can't be called") }
      stack.append(try result(of: callable, arguments))
    case 0x92:  // with arguments by name
      let parts = try pop(3)
      guard case .callable(.passedOver) = parts[0] else {
        throw bad("a call of something that can't be called")
      }
      stack.append(.opaque)
    case UInt8(ascii: "i"):
      let callable = try namedInLines()
      stack.append(try result(of: callable, try popToMark()))
    case UInt8(ascii: "o"):
      let parts = try popToMark()
      guard case .callable(let callable)? = parts.first else {
        throw bad("a call of something that can't be called")
      }
      stack.append(try result(of: callable, Array(parts.dropFirst())))
    case UInt8(ascii: "b"):
      // The state of a dictionary (`_metadata` of a state_dict) isn't needed.
      let parts = try pop(2)
      if case .opaque = parts[0] {
      } else if graph.items(parts[0], .dictionary) == nil {
        throw bad("it sets attributes of something that is no dictionary")
      }
      stack.append(parts[0])
    case UInt8(ascii: "Q"): stack.append(try storage(try pop()))
    case 0x82, 0x83, 0x84:
      throw CheckpointError(.refusedCallable("a copyreg extension"), file: path)
    default: return false
    }
    return true
  }

  private mutating func namedInLines() throws(CheckpointError) -> PickleCallable {
    let module = try need(String(utf8: try need(code.line())))
    return try callable(module, try need(String(utf8: try need(code.line()))))
  }

  private func callable(_ module: String, _ name: String) throws(CheckpointError) -> PickleCallable
  {
    guard let callable = PickleCallable(module: module, name: name) else {
      let full = "\(module).\(name)"
      // Keep our message on one line, and keep names of megabytes out of it.
      let clean = String(full.prefix(200).map { $0.isNewline ? " " : $0 })
      throw CheckpointError(.refusedCallable(clean), file: path)
    }
    return callable
  }

  private mutating func result(
    of callable: PickleCallable, _ arguments: [PickleValue]
  ) throws(CheckpointError) -> PickleValue {
    copyBudget -= callable.copiedCount(arguments, in: graph)
    guard copyBudget >= 0 else { throw bad("it copies a part of itself again and again") }
    guard let value = callable.apply(to: arguments, in: &graph) else {
      throw bad("\(callable) is called with other arguments than it takes")
    }
    return value
  }

  /// `('storage', class, key, device, element count)`, as torch.serialization writes it.
  private mutating func storage(_ id: PickleValue) throws(CheckpointError) -> PickleValue {
    guard let parts = graph.items(id, .tuple), parts.count >= 5, case .string("storage") = parts[0],
      case .callable(.storage(let type)) = parts[1], case .string(let key) = parts[2],
      case .int(let count) = parts[4], count >= 0
    else { throw bad("a persistent id that names no storage") }
    graph.storages.append(PickledStorage(key: key, elementType: type, count: count))
    return .storage(graph.storages.count - 1)
  }
}
