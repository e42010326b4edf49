/// The memory behind one or more tensors: a pooled buffer, or bytes that another object keeps
/// alive (a memory-mapped file).
///
/// `Tensor` writes only to storage that it alone refers to, so that threads may share it.
final class TensorStorage: Sendable {
  /// Threads may share the pointer: what it points to is written only while one tensor alone refers to it.
  nonisolated(unsafe) let base: UnsafeMutablePointer<Float>
  let count: Int
  private let capacity: Int
  private let owner: (any AnyObject & Sendable)?

  /// A pooled buffer for `count` floats, with any content.
  init(count: Int) {
    (self.base, self.capacity) = BufferPool.take(count: count)
    self.count = count
    self.owner = nil
  }

  /// Read-only memory that `owner` keeps alive. Its tensors copy before they are written to.
  init(readOnly base: UnsafePointer<Float>, count: Int, owner: any AnyObject & Sendable) {
    self.base = UnsafeMutablePointer(mutating: base)
    self.count = count
    self.capacity = count
    self.owner = owner
  }

  var isWritable: Bool { owner == nil }

  deinit {
    if owner == nil { BufferPool.giveBack(base, capacity: capacity) }
  }
}
