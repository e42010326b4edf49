import Foundation

/// Row-major float32 numbers with a shape.
///
/// A value: copies share memory until one of them is written to. Its memory comes from a pool and
/// returns there with the last copy.
public struct Tensor: Sendable {
  /// The sizes of the axes, outermost first.
  public let shape: Shape
  private(set) var storage: TensorStorage
  private(set) var offset: Int
  /// The number of elements.
  public let count: Int

  /// A tensor with unspecified content, to be written to at once.
  init(uninitialized shape: Shape) {
    self.shape = shape
    self.count = shape.elementCount
    self.storage = TensorStorage(count: count)
    self.offset = 0
  }

  /// A view of `storage` from `offset` on.
  init(_ shape: Shape, storage: TensorStorage, offset: Int) {
    let count = shape.elementCount
    precondition(
      offset >= 0 && offset + count <= storage.count,
      "\(shape) at \(offset) reaches past a storage of \(storage.count) elements")
    self.shape = shape
    self.count = count
    self.storage = storage
    self.offset = offset
  }

  /// A tensor of the given numbers in row-major order.
  public init(_ shape: Shape, _ values: some Collection<Float>) {
    precondition(
      shape.elementCount == values.count,
      "shape \(shape) has \(shape.elementCount) elements, but \(values.count) were given")
    self.init(uninitialized: shape)
    let buffer = UnsafeMutableBufferPointer(start: storage.base, count: count)
    _ = buffer.initialize(fromContentsOf: values)
  }

  /// A tensor of zeros.
  public init(zeros shape: Shape) { self.init(repeating: 0, shape: shape) }

  /// A tensor in which every element is `value`.
  public init(repeating value: Float, shape: Shape) {
    self.init(uninitialized: shape)
    storage.base.update(repeating: value, count: count)
  }

  /// A tensor without axes that holds one number.
  public init(scalar value: Float) { self.init(repeating: value, shape: []) }

  /// Tensors one after another along their first axis; the other axes are of the same sizes.
  public init(concatenating parts: [Tensor]) {
    let rest = parts.first?.shape.dropFirst() ?? []
    precondition(
      !parts.isEmpty && parts.allSatisfy { !$0.shape.isEmpty && $0.shape.dropFirst() == rest },
      "tensors of shapes \(parts.map(\.shape)) can't stand one after another")
    self.init(uninitialized: [parts.reduce(0) { $0 + $1.shape[0] }] + rest)
    var start = storage.base
    for part in parts {
      start.update(from: part.readPointer, count: part.count)
      start += part.count
    }
    withExtendedLifetime(parts) {}
  }

  /// The elements in row-major order, as a copy.
  public var values: [Float] { withUnsafeBufferPointer(Array.init) }

  /// The one element of a tensor of one element.
  public var scalar: Float {
    precondition(count == 1, "a tensor of shape \(shape) is not one number")
    return storage.base[offset]
  }

  /// Reads the elements in row-major order.
  public func withUnsafeBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // `self` keeps the storage alive for the length of the call.
    try withExtendedLifetime(self) { () throws(Failure) -> Result in
      try body(UnsafeBufferPointer(start: storage.base + offset, count: count))
    }
  }

  /// Writes the elements in row-major order, after copying them if the memory is shared.
  public mutating func withUnsafeMutableBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    return try body(UnsafeMutableBufferPointer(start: storage.base + offset, count: count))
  }

  /// The same elements under another shape of the same size.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(
      shape.elementCount == count, "\(self.shape) can't take the shape \(shape): sizes differ")
    return Tensor(shape, storage: storage, offset: offset)
  }

  /// The slices `range` along the first axis, without copying.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(
      !shape.isEmpty && range.lowerBound >= 0 && range.upperBound <= shape[0],
      "rows \(range) of a tensor of shape \(shape)")
    let rowCount = shape.dropFirst().reduce(1, *)
    var shape = shape
    shape[0] = range.count
    return Tensor(shape, storage: storage, offset: offset + range.lowerBound * rowCount)
  }

  /// Whether both have the same shape and the same bits.
  func isIdentical(to other: Tensor) -> Bool {
    shape == other.shape
      && memcmp(readPointer, other.readPointer, count * MemoryLayout<Float>.size) == 0
  }

  private mutating func makeUnique() {
    if isKnownUniquelyReferenced(&storage) && storage.isWritable { return }
    let copy = TensorStorage(count: count)
    copy.base.update(from: storage.base + offset, count: count)
    storage = copy
    offset = 0
  }
}

extension Tensor {
  /// Where kernels read. Valid while the tensor is; wrap uses in `withExtendedLifetime`.
  var readPointer: UnsafePointer<Float> { UnsafePointer(storage.base + offset) }

  /// Where kernels write a tensor that was just made and has no other reference.
  var freshPointer: UnsafeMutablePointer<Float> { storage.base + offset }

  /// The number of rows when all axes but the last are run together.
  var rowCount: Int { shape.isEmpty ? 1 : shape.dropLast().reduce(1, *) }

  /// The size of the last axis.
  var width: Int { shape.last ?? 1 }
}

extension Tensor: CustomStringConvertible {
  public var description: String {
    let head = withUnsafeBufferPointer { $0.prefix(8).map { "\($0)" } }
    return "Tensor\(shape)[\(head.joined(separator: ", "))\(count > 8 ? ", …" : "")]"
  }
}
