import CFuzzer
import Foundation
import Synchronization

// The environment variable PARSER says which parser gets the input; a name that is none prints all names.

private let parser: Parser = {
  let name = ProcessInfo.processInfo.environment["PARSER"] ?? ""
  if let parser = Parser.all[name] { return parser }
  // Without what libFuzzer says where a parser ends the process.
  FileHandle.standardOutput.write(
    Data((Parser.all.keys.sorted().joined(separator: "\n") + "\n").utf8))
  _exit(64)
}()

/// Longer inputs are tried, but nothing is made from them: thousands of short ones take no more time.
private let largestKept = Atomic<Int>(512)

/// Whether the inputs are no longer those of the corpus, which are kept whatever their length.
private let isChanging = Atomic<Bool>(false)

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  parser.run(Array(UnsafeBufferPointer(start: data, count: count)))
  if isChanging.load(ordering: .relaxed) {
    return count > largestKept.load(ordering: .relaxed) ? -1 : 0
  }
  largestKept.max(count, ordering: .relaxed)
  return 0
}

/// What libFuzzer calls for the next input, made from an earlier one. Its own changes are small, and it takes
/// hours to come to long inputs by them, so one in 256 repeats a part until there are up to 64 KB: nesting,
/// columns, chunks and pages in thousands.
@_cdecl("LLVMFuzzerCustomMutator")
public func changeInput(
  _ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int, _ seed: UInt32
) -> Int {
  isChanging.store(true, ordering: .relaxed)
  guard seed % 256 == 0, count > 0 else { return LLVMFuzzerMutate(data, count, capacity) }
  let largest = 64 << 10
  var random = seed / 256
  func next(below bound: Int) -> Int {
    random = random &* 1_664_525 &+ 1_013_904_223
    return Int(random >> 8) % bound
  }
  var bytes = Array(UnsafeBufferPointer(start: data, count: count))
  let start = next(below: count)
  let part = bytes[start..<min(count, start + 1 + next(below: 1 << next(below: 12)))]
  let repeats = next(below: largest) / part.count
  let many = Array(repeatElement(part, count: repeats).joined())
  bytes.insert(contentsOf: many, at: start)
  bytes.removeLast(max(0, bytes.count - capacity))
  UnsafeMutableRawPointer(data).copyMemory(from: bytes, byteCount: bytes.count)
  return bytes.count
}

/// In an optimized build, SwiftPM makes the function of this name the program's main function, in place of
/// libFuzzer's.
@_cdecl("fuzz_main")
public func fuzzMain(
  _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  var (count, arguments) = (count, arguments)
  return LLVMFuzzerRunDriver(&count, &arguments, testOneInput)
}
