import CFuzzer
import Foundation

// fuzz PARSER [options of libFuzzer] [folders of inputs]
//
// Without a parser, their names are printed.

private let parser: Parser? = CommandLine.arguments.dropFirst().first.flatMap { Parser.all[$0] }

guard parser != nil else {
  print(Parser.all.keys.sorted().joined(separator: "\n"))
  exit(CommandLine.argc == 1 ? 0 : 64)
}

/// What libFuzzer calls with each input. The parser is read here since a C function captures nothing.
private func body(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  parser?.run(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}

// libFuzzer takes the name of the program from the first argument, the rest are its own.
var count = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
arguments?[1] = arguments?[0]
arguments = arguments?.advanced(by: 1)
exit(LLVMFuzzerRunDriver(&count, &arguments, body))
