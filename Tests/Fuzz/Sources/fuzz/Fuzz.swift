import CFuzzer
import Foundation

// The environment variable PARSER says which parser gets the input; a name that is none prints all names.

private let parser: Parser = {
  let name = ProcessInfo.processInfo.environment["PARSER"] ?? ""
  if let parser = Parser.all[name] { return parser }
  // Without what libFuzzer says where a parser ends the process.
  FileHandle.standardOutput.write(
    Data((Parser.all.keys.sorted().joined(separator: "\n") + "\n").utf8))
  _exit(64)
}()

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  parser.run(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
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
