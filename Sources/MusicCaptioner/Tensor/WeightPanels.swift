import CKernels
import Synchronization

/// A matrix of bfloat16 or 8-bit weights, `[out, in]`, in the order in which kernels read it: panels of
/// `CK_PANEL` outputs, each read from its first byte to its last.
struct WeightPanels: Sendable {
  let outputCount: Int
  let inputCount: Int
  private let panelBytes: Int
  /// bfloat16 numbers in 12 bits each (`ck_compact_panel`).
  private let isCompact: Bool
  /// Four bytes in the place of each float.
  private let storage: TensorStorage

  /// - Parameters:
  ///   - size: Bytes of a number.
  ///   - roundRow: Writes the numbers of one output's row; called from several threads.
  init(
    outputCount: Int, inputCount: Int, size: Int,
    roundRow: (_ row: Int, _ target: UnsafeMutableRawPointer) -> Void
  ) {
    let panelCount = Self.panelCount(outputCount)
    let panelBytes = ck_panel_bytes(inputCount * size)
    let storage = TensorStorage(count: panelCount * panelBytes / MemoryLayout<Float>.size)
    WorkPool.shared.forEach(panelCount) { index in
      Self.writePanel(
        index, to: storage.base + index * panelBytes / MemoryLayout<Float>.size,
        outputCount: outputCount, rowBytes: inputCount * size, roundRow)
    }
    self.outputCount = outputCount
    self.inputCount = inputCount
    self.panelBytes = panelBytes
    isCompact = false
    self.storage = storage
  }

  /// bfloat16 numbers in 12 bits each; nil where a panel has too many numbers that are too small for that.
  private init?(
    compactingRowsOf outputCount: Int, inputCount: Int,
    roundRow: (_ row: Int, _ target: UnsafeMutableRawPointer) -> Void
  ) {
    let panelCount = Self.panelCount(outputCount)
    let panelBytes = ck_compact_panel_bytes(inputCount)
    let storage = TensorStorage(count: panelCount * panelBytes / MemoryLayout<Float>.size)
    let fits = Atomic(true)
    WorkPool.shared.forEach(panelCount) { index in
      let rowBytes = inputCount * MemoryLayout<BFloat16>.size
      let panel = TensorStorage(count: ck_panel_bytes(rowBytes) / MemoryLayout<Float>.size)
      Self.writePanel(
        index, to: panel.base, outputCount: outputCount, rowBytes: rowBytes, roundRow)
      let target = UnsafeMutableRawPointer(storage.base) + index * panelBytes
      if ck_compact_panel(target, panel.base, inputCount) == 0 {
        fits.store(false, ordering: .relaxed)
      }
    }
    guard fits.load(ordering: .relaxed) else { return nil }
    self.outputCount = outputCount
    self.inputCount = inputCount
    self.panelBytes = panelBytes
    isCompact = true
    self.storage = storage
  }

  private static func panelCount(_ outputCount: Int) -> Int {
    (outputCount + outputsPerPanel - 1) / outputsPerPanel
  }

  private static func writePanel(
    _ index: Int, to target: UnsafeMutablePointer<Float>, outputCount: Int, rowBytes: Int,
    _ roundRow: (_ row: Int, _ target: UnsafeMutableRawPointer) -> Void
  ) {
    let first = index * outputsPerPanel
    let outputs = first..<min(outputCount, first + outputsPerPanel)
    // Rows of whole words, which become the panel's columns.
    let rows = TensorStorage(count: ck_panel_bytes(rowBytes) / MemoryLayout<Float>.size)
    let wordCount = rows.count / outputsPerPanel
    if outputs.count < outputsPerPanel || rowBytes % MemoryLayout<Float>.size != 0 {
      rows.base.update(repeating: 0, count: rows.count)
    }
    for output in outputs {
      roundRow(output, UnsafeMutableRawPointer(rows.base + (output - first) * wordCount))
    }
    ck_transpose(target, rows.base, outputsPerPanel, wordCount)
  }

  /// In 12 bits each on processors that multiply bfloat16 numbers: decoding waits for memory there, and
  /// reads a quarter less.
  ///
  /// - Parameter weight: `[out, in]`
  init(roundingToBFloat16 weight: Tensor) {
    let (outputCount, width) = (weight.rowCount, weight.width)
    func roundRow(_ row: Int, to target: UnsafeMutableRawPointer) {
      ck_float_to_bfloat16(
        target.assumingMemoryBound(to: UInt16.self), weight.readPointer + row * width, width)
    }
    if ck_best_level() == CK_AVX512_BF16,
      let compact = WeightPanels(
        compactingRowsOf: outputCount, inputCount: width, roundRow: roundRow)
    {
      self = compact
    } else {
      self.init(
        outputCount: outputCount, inputCount: width, size: MemoryLayout<BFloat16>.size,
        roundRow: roundRow)
    }
  }

  /// Where panels lie. Valid while the weights are.
  struct Address {
    fileprivate let base: UnsafeRawPointer
    fileprivate let panelBytes: Int
    let isCompact: Bool

    /// The panels from the one that begins with output `first` on.
    func panels(from first: Int) -> UnsafeRawPointer {
      base + first / outputsPerPanel * panelBytes
    }
  }

  var address: Address {
    Address(
      base: UnsafeRawPointer(storage.base), panelBytes: panelBytes, isCompact: isCompact)
  }

  static let outputsPerPanel = Int(CK_PANEL)
}
