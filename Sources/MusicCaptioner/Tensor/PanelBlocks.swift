/// How the columns of a product with packed weights are cut into blocks of whole panels.
struct PanelBlocks {
  let count: Int
  private let size: Int
  private let total: Int

  /// - Parameters:
  ///   - columns: Of the result.
  ///   - work: Multiplications for one column.
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

  /// Small blocks let threads finish at the same time.
  private static let maximumCount = 64
  /// Below this many multiplications a block costs more to hand out than it saves.
  private static let smallestWork = 1 << 17
}
