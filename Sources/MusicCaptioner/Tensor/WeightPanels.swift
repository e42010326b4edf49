import CKernels

/// A matrix of narrow weights, `[out, in]`, in the order in which the kernels of captioning read it:
/// panels of `CK_PANEL` outputs, each from its first byte to its last.
struct WeightPanels: Sendable {
  let outputCount: Int
  let inputCount: Int
  private let panelBytes: Int
  /// Four bytes in the place of each float.
  private let storage: TensorStorage

  /// - Parameters:
  ///   - size: Bytes of a number.
  ///   - roundRow: Writes the numbers of one output's row; called from several threads.
  init(
    outputCount: Int, inputCount: Int, size: Int,
    roundRow: (_ row: Int, _ target: UnsafeMutableRawPointer) -> Void
  ) {
    let panelCount = (outputCount + Self.outputsPerPanel - 1) / Self.outputsPerPanel
    let rowBytes = inputCount * size
    let panelBytes = ck_panel_bytes(rowBytes)
    let storage = TensorStorage(count: panelCount * panelBytes / MemoryLayout<Float>.size)
    WorkPool.shared.forEach(panelCount) { index in
      let first = index * Self.outputsPerPanel
      let outputs = first..<min(outputCount, first + Self.outputsPerPanel)
      // Rows of whole words, which become the panel's columns.
      let rows = TensorStorage(count: panelBytes / MemoryLayout<Float>.size)
      let wordCount = rows.count / Self.outputsPerPanel
      if outputs.count < Self.outputsPerPanel || rowBytes % MemoryLayout<Float>.size != 0 {
        rows.base.update(repeating: 0, count: rows.count)
      }
      for output in outputs {
        roundRow(output, UnsafeMutableRawPointer(rows.base + (output - first) * wordCount))
      }
      ck_transpose(
        storage.base + index * rows.count, rows.base, Self.outputsPerPanel, wordCount)
    }
    self.outputCount = outputCount
    self.inputCount = inputCount
    self.panelBytes = panelBytes
    self.storage = storage
  }

  /// - Parameter weight: `[out, in]`
  init(roundingToBFloat16 weight: Tensor) {
    let width = weight.width
    self.init(
      outputCount: weight.rowCount, inputCount: width, size: MemoryLayout<BFloat16>.size
    ) { row, target in
      ck_float_to_bfloat16(
        target.assumingMemoryBound(to: UInt16.self), weight.readPointer + row * width, width)
    }
  }

  /// Where panels lie, as long as the weights live.
  struct Address {
    fileprivate let base: UnsafeRawPointer
    fileprivate let panelBytes: Int

    /// The panels from the one that begins with output `first` on.
    func panels(from first: Int) -> UnsafeRawPointer {
      base + first / outputsPerPanel * panelBytes
    }
  }

  var address: Address { Address(base: UnsafeRawPointer(storage.base), panelBytes: panelBytes) }

  static let outputsPerPanel = Int(CK_PANEL)
}

/// How the columns of a product with packed weights are cut into blocks of whole panels.
struct PanelBlocks {
  let count: Int
  private let size: Int
  private let total: Int

  /// - Parameters:
  ///   - columns: Of the result.
  ///   - work: Multiplications behind a column.
  init(columns: Int, work: Int) {
    let panel = WeightPanels.outputsPerPanel
    let panels = (columns + panel - 1) / panel
    let workOfPanel = max(1, work * panel)
    let panelsPerBlock = max(
      (panels + Self.maximumCount - 1) / Self.maximumCount,
      (Self.smallestWork + workOfPanel - 1) / workOfPanel)
    size = panelsPerBlock * panel
    total = columns
    count = (columns + size - 1) / size
  }

  subscript(index: Int) -> Range<Int> { index * size..<min(total, (index + 1) * size) }

  /// Small blocks let threads end at the same time.
  private static let maximumCount = 64
  /// Below this many multiplications a block costs more to hand out than it saves.
  private static let smallestWork = 1 << 17
}
