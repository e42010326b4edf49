/// Copies the elements of a strided view to consecutive memory.
///
/// Uses unsafe pointers because it reads mapped bytes. The caller must have checked that every
/// element of the view lies within them.
enum StridedCopy {
  /// - Parameters:
  ///   - bytes: Starting at the view's first element.
  ///   - strides: In elements, one per axis, none negative.
  static func gather(
    _ bytes: UnsafeRawBufferPointer, layout: TensorLayout, strides: [Int]
  ) -> Tensor {
    // As bit patterns, so that each format's values are converted in one place.
    switch layout.elementType.byteCount {
    case 2: gather(bytes, layout, strides, as: UInt16.self)
    case 4: gather(bytes, layout, strides, as: UInt32.self)
    default: gather(bytes, layout, strides, as: UInt64.self)
    }
  }

  private static func gather<Bits: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ layout: TensorLayout, _ strides: [Int], as: Bits.Type
  ) -> Tensor {
    let size = MemoryLayout<Bits>.size
    let width = layout.shape.last ?? 1
    let step = (strides.last ?? 0) * size
    var elements: [Bits] = []
    elements.reserveCapacity(layout.elementCount)
    // The position of the current row on each outer axis, counted like an odometer.
    var position = [Int](repeating: 0, count: max(0, layout.shape.count - 1))
    var row = 0
    while elements.count < layout.elementCount {
      for column in 0..<width {
        elements.append(bytes.loadUnaligned(fromByteOffset: row + column * step, as: Bits.self))
      }
      for axis in position.indices.reversed() {
        position[axis] += 1
        row += strides[axis] * size
        if position[axis] < layout.shape[axis] { break }
        row -= strides[axis] * size * layout.shape[axis]
        position[axis] = 0
      }
    }
    return elements.withUnsafeBytes { Tensor(decoding: $0, layout) }
  }
}
