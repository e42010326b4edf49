import ArgumentParser
import Foundation
@_spi(Benchmarks) import MusicCaptioner

@main
struct Facts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the facts of each file that standard input names, as lines of JSON.")

  @Option(
    help: "Write what the weights are learned from to this file, as float32; facts aren't printed.",
    transform: { URL(fileURLWithPath: $0) })
  var numbers: URL?

  /// A line is a path or, for numbers, a path, a tab and the tempo for which the meter is compared.
  func run() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var output = Data()
    while let line = readLine() {
      let cells = line.split(separator: "\t").map(String.init)
      guard let path = cells.first else { continue }
      let url = URL(fileURLWithPath: path)
      if numbers == nil {
        print(String(decoding: try encoder.encode(MusicFacts(contentsOf: url)), as: UTF8.self))
      } else {
        let tempo = cells.count > 1 ? Double(cells[1]) : nil
        let values = try MusicFacts.learningNumbers(contentsOf: url, beatsPerMinute: tempo)
        values.withUnsafeBytes { output.append(contentsOf: $0) }
      }
    }
    if let numbers { try output.write(to: numbers) }
  }
}
