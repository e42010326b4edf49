import CKernels
import COneDNN

/// The numbers that matrix products are computed in. Sums, norms, attention weights, losses and
/// moments are float32 always. Where captioning is not in float32, the decoder keeps keys and values as
/// bfloat16.
public enum ComputePrecision: String, Codable, Sendable, CaseIterable {
  case float32
  /// Factors rounded to bfloat16, added up in float32.
  case bfloat16
  /// Weights of 8 bits with a scale for each output, inputs of 8 bits with a scale for each row. For
  /// captioning only.
  case int8

  /// What this machine computes in where it is asked for this precision: the processor must have the
  /// instructions (AVX512-BF16, AVX512-VNNI), and for bfloat16 oneDNN must be installed.
  public var available: ComputePrecision {
    switch self {
    case .float32: .float32
    case .bfloat16: Self.hasNarrowProducts && cod_has_bfloat16() != 0 ? .bfloat16 : .float32
    case .int8: Self.hasNarrowProducts ? .int8 : .float32
    }
  }

  private static var hasNarrowProducts: Bool { ck_has_narrow_products() != 0 }

  /// Why ``available`` is another precision, and what helps.
  public var unavailableReason: String {
    "it needs a processor with AVX512-BF16 and AVX512-VNNI"
      + (self == .bfloat16 ? ", and oneDNN (Debian: libdnnl-dev)" : "")
  }
}
