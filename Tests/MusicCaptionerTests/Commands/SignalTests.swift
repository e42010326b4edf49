import Foundation
import Glibc
import Testing

@testable import Commands
@testable import MusicCaptioner

/// SIGINT and SIGTERM at any moment: nothing is lost, and nothing breaks.
@Suite struct SignalTests {
  /// Wide enough that oneDNN has the products, where it is installed.
  private static let configuration = """
    synthesized_music: {clip_count: 16, clip_seconds: 0.5, captions_per_clip: 1}
    tokenizer: {vocabulary_size: 300}
    audio: {clip_seconds: 0.5, mel_count: 16, fft_size: 256}
    standardize_audio: true
    model:
      d_model: 64
      encoder_layers: 1
      decoder_layers: 1
      encoder_attention_heads: 2
      decoder_attention_heads: 2
      encoder_ffn_dim: 128
      decoder_ffn_dim: 128
      max_position_embeddings: 64
      conv_strides: [1, 2]
    data: {maximum_tokens: 24, validation_limit: 4}
    training:
      batch_size: 8
      epochs: 5
      warmup_epochs: 1
      learning_rate: 1e-3
      log_every_steps: 1
      validate_every_steps: 3
      validation_metrics: [bleu]
      checkpoint_every_steps: 4
      sample_captions: 1
    generation: {beam_width: 2, maximum_length: 8, minimum_length: 0}

    """

  /// How often each signal is sent; `MUSICCAPTIONER_SIGNALS` says otherwise, `MUSICCAPTIONER_SEED` when.
  private static let environment = ProcessInfo.processInfo.environment
  private static let count = environment["MUSICCAPTIONER_SIGNALS"].flatMap(Int.init) ?? 4
  private static let seed =
    environment["MUSICCAPTIONER_SEED"].flatMap(UInt64.init) ?? .random(in: 0...9999)

  @Test(arguments: [1, 2])
  func aRunThatIsInterruptedAnywhereEndsInTheSameBytes(threads: Int) throws {
    print("signal test: \(Self.count) of each, MUSICCAPTIONER_SEED=\(Self.seed)")
    var random = RandomSource(seed: Self.seed, stream: "signals", index: UInt64(threads))
    let command = try BuiltCommand("train")
    try withTemporaryFolder { folder in
      try Data(Self.configuration.utf8).write(to: folder.appending(path: "run.yaml"))
      let arguments = ["--config", "run.yaml", "--threads", "\(threads)", "--output"]
      let start = ContinuousClock.now
      #expect(try command.run(arguments + ["straight"], in: folder).exitCode == 0)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let expected = try RunResult(folder.appending(path: "straight"))
      for number in 0..<2 * Self.count {
        let signal = number % 2 == 0 ? SIGINT : SIGTERM
        let output = folder.appending(path: "run \(number)")
        let name = output.lastPathComponent
        let process = try command.start(arguments + [name], in: folder)
        // Before that, it has not begun to listen.
        while process.process.isRunning, try !process.messages.contains("run folder") {
          usleep(500)
        }
        usleep(useconds_t(Double(random.uniform()) * seconds * 0.8e6))
        let isInTime = process.process.isRunning
        if isInTime { kill(process.process.processIdentifier, signal) }
        let found = try process.end()
        if isInTime && found.exitCode != 0 {
          #expect(found.exitCode == 130, "seed \(Self.seed): \(found.messages)")
          #expect(found.messages.contains("go on with: train --config run.yaml"))
          #expect(try !RunFolder(output).checkpointSteps().isEmpty, "\(found.messages)")
          let resumed = try command.run(arguments + [name, "--resume"], in: folder)
          #expect(resumed.exitCode == 0, "seed \(Self.seed): \(resumed.messages)")
        }
        let differences = try RunResult(output).differences(from: expected)
        #expect(differences == [], "seed \(Self.seed), number \(number)")
        try FileManager.default.removeItem(at: output)
      }
    }
  }

  @Test func noThreadThatComputesTakesSignals() throws {
    let command = try BuiltCommand("train")
    try withTemporaryFolder { folder in
      try Data(Self.configuration.utf8).write(to: folder.appending(path: "run.yaml"))
      let process = try command.start(
        ["--config", "run.yaml", "--set", "training.epochs=10000", "--threads", "3"], in: folder)
      let metrics = folder.appending(path: "runs/run/metrics.jsonl")
      for _ in 0..<4_000 where (try? Data(contentsOf: metrics))?.count ?? 0 < 400 { usleep(5_000) }
      let number = process.process.processIdentifier
      var open: [String] = []
      var names: [String] = []
      for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(number)/task") {
        let folder = "/proc/\(number)/task/\(task)"
        guard let name = try? String(contentsOfFile: folder + "/comm", encoding: .utf8),
          let status = try? String(contentsOfFile: folder + "/status", encoding: .utf8),
          let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigBlk:") }),
          let blocked = UInt64(line.split(separator: "\t")[1], radix: 16)
        else { continue }
        let wanted = UInt64(1) << UInt64(SIGINT - 1) | UInt64(1) << UInt64(SIGTERM - 1)
        names.append(name.trimmingCharacters(in: .newlines))
        if blocked & wanted != wanted { open.append(names[names.count - 1]) }
      }
      kill(number, SIGTERM)
      #expect(try process.end().exitCode == 130)
      #expect(names.contains("compute 1") && names.contains("batch loader 0"), "\(names)")
      #expect(open == ["signals"])
    }
  }

  /// A program of one's own may have handlers that any thread takes. oneDNN's code, which computes with the
  /// stack pointer in the heap, must not meet one.
  @Test func productsSurviveTheHandlersOfAProgram() throws {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      // More than the 128 bytes below the stack pointer that the system leaves alone.
      withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { bytes in
        for index in bytes.indices { bytes[index] = 0xAA }
      }
    }
    action.sa_flags = Int32(SA_RESTART)
    var former = sigaction()
    sigaction(SIGUSR2, &action, &former)
    defer { sigaction(SIGUSR2, &former, nil) }
    let target = pthread_self()
    let ended = DispatchSemaphore(value: 0)
    let isOver = StopFlag()
    try BackgroundThread.start("sender") {
      while !isOver.isRaised {
        pthread_kill(target, SIGUSR2)
        usleep(50)
      }
      ended.signal()
    }
    var random = RandomSource(seed: 3, stream: "products")
    let (m, n, k) = (128, 160, 192)
    let left = (0..<m * k).map { _ in Float(random.uniform()) - 0.5 }
    let right = (0..<k * n).map { _ in Float(random.uniform()) - 0.5 }
    var first: [Float]?
    for _ in 0..<300 {
      var result = [Float](repeating: 0, count: m * n)
      left.withUnsafeBufferPointer { left in
        right.withUnsafeBufferPointer { right in
          result.withUnsafeMutableBufferPointer { result in
            guard let a = left.baseAddress, let b = right.baseAddress, let c = result.baseAddress
            else { return }
            MatrixProduct.multiply(
              .init(a, MatrixLayout(m, k)), .init(b, MatrixLayout(k, n)), into: c, stride: n)
          }
        }
      }
      if first == nil { first = result }
      #expect(result == first)
    }
    isOver.raise()
    ended.wait()
  }
}
