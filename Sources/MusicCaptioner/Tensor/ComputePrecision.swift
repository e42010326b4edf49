import CKernels
import COneDNN

/// The numbers that matrix products are computed in. Sums, norms, attention weights, losses and the
/// optimizer's moments are always float32. Where captioning is not in float32, the decoder keeps keys and
/// values as bfloat16.
public enum ComputePrecision: String, Codable, Sendable, CaseIterable {
  case float32
  /// Operands rounded to bfloat16, sums in float32.
  case bfloat16
  /// Weights of 8 bits with a scale for each output, inputs of 8 bits with a scale for each row. For
  /// captioning only.
  case int8

  /// The precision that this machine trains in when asked for this one: captioning has all of them on every
  /// processor, training has bfloat16 only through oneDNN on processors with AVX512-BF16, else float32.
  public var inTraining: ComputePrecision {
    let hasBFloat16 =
      ck_best_level().rawValue >= CK_AVX512_BF16.rawValue && cod_has_bfloat16() != 0
    return self == .bfloat16 && hasBFloat16 ? .bfloat16 : .float32
  }

  /// What training in bfloat16 needs, for messages.
  public static let trainingRequirement =
    "it needs a processor with AVX512-BF16, and oneDNN (Debian: libdnnl-dev)"
}
