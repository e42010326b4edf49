import CKernels

// What `Benchmarks/` measures and users of the library don't need. Imported with `@_spi(Benchmarks)`.

extension CaptionModel {
  /// An untrained model without a tokenizer.
  @_spi(Benchmarks) public static func untrained(_ configuration: ModelConfiguration)
    -> CaptionModel
  {
    let model = CaptionModel(configuration)
    model.initialize(seed: 0)
    return model
  }
}

/// Decodes clips without audio and tokenizer around it.
@_spi(Benchmarks) public struct DecodingBenchmark: Sendable {
  private let task: DecodingTask

  public init(
    _ model: CaptionModel, _ options: DecodingOptions, precision: ComputePrecision
  ) throws {
    task = try DecodingTask(model, options, precision: precision)
  }

  /// - Parameter logMel: `[clips, frames, mels]`
  /// - Returns: The number of tokens of each clip's caption.
  public func run(logMel: Tensor) -> [Int] {
    task.run(logMel: logMel).map { $0.best?.tokens.count ?? 0 }
  }
}

/// The instruction set of the vector kernels: baseline, avx2, avx512, avx512vnni or avx512bf16.
@_spi(Benchmarks) public var kernelInstructionSet: String {
  String(cString: ck_level_name(ck_best_level()))
}
