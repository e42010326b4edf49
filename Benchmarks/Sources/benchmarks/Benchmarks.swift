import ArgumentParser
import Foundation
@_spi(Benchmarks) import MusicCaptioner

@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract: "Times one case of the library's work at the official model's size; prints JSON.")

  @Argument(help: "What to measure.")
  var `case`: BenchmarkCase

  @Option(help: "float32, bfloat16 or int8, where the case computes with the model.")
  var precision = ComputePrecision.float32

  @Option(help: "Clips of a training step.")
  var clips = 8

  @Option(help: "Tokens of each of its captions.")
  var tokens = 64

  @Option(help: "The model's width in a training step, a multiple of 64.")
  var width = 768

  @Option(help: "Threads to compute with. (default: one for each processor)")
  var threads: Int?

  @Option(help: "Runs that are measured.")
  var repetitions = 5

  @Option(help: "Runs before that.")
  var warmups = 2

  @Option(help: "Runs that are timed together and divided by their number.")
  var inner = 1

  @Option(
    help: "A folder with tokenizer.json and text.txt.",
    transform: { URL(fileURLWithPath: $0, isDirectory: true) })
  var files: URL?

  @Flag(help: "Time one run for every line of standard input.")
  var interactive = false

  func validate() throws {
    guard repetitions > 0, warmups >= 0, inner > 0, threads ?? 1 > 0 else {
      throw ValidationError("repetitions, inner and threads are 1 or more, warmups 0 or more")
    }
    guard clips > 0, (1...1024).contains(tokens), width > 0, width % 64 == 0 else {
      throw ValidationError("clips and tokens (at most 1024) are 1 or more, width a multiple of 64")
    }
  }

  func run() throws {
    if let threads { WorkPool.shared.threadCount = threads }
    let work = try self.case.prepare(
      precision: precision,
      step: StepSize(clips: clips, tokensPerCaption: tokens, width: width), files: files)
    let measurement = Measurement(
      name: self.case.rawValue, precision: precision,
      computedIn: self.case.isTraining ? precision.inTraining : precision, warmups: warmups,
      inner: inner)
    if interactive {
      try measurement.takeTurns(work)
    } else {
      try measurement.take(work, repetitions: repetitions)
    }
  }
}

extension ComputePrecision: @retroactive ExpressibleByArgument {}
