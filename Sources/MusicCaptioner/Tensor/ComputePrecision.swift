import CKernels
import COneDNN

/// The numbers that matrix products are computed in. Sums, norms, attention weights, losses and
/// moments are float32 always. Where captioning is not in float32, the decoder keeps keys and values as
/// bfloat16.
package enum ComputePrecision: String, Codable, Sendable, CaseIterable {
  case float32
  /// Factors rounded to bfloat16, added up in float32.
  case bfloat16
  /// Weights of 8 bits with a scale for each output, inputs of 8 bits with a scale for each row. For
  /// captioning only.
  case int8

  /// What this machine trains in where it is asked for this precision. Captioning has every precision on
  /// every processor; training multiplies in bfloat16 by oneDNN alone, on processors with AVX512-BF16.
  package var inTraining: ComputePrecision {
    let hasBFloat16 =
      ck_best_level().rawValue >= CK_AVX512_BF16.rawValue && cod_has_bfloat16() != 0
    return self == .bfloat16 && hasBFloat16 ? .bfloat16 : .float32
  }

  /// What ``inTraining`` needs to be bfloat16.
  package static let trainingRequirement =
    "it needs a processor with AVX512-BF16, and oneDNN (Debian: libdnnl-dev)"
}
