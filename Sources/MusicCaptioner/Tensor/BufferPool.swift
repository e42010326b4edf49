import Synchronization

/// Memory for tensors, kept for reuse instead of handed back: a training step asks for the same
/// sizes again and again, and fresh pages cost a fault each.
///
/// Sizes are rounded up to eighths of a power of two, so that batches of slightly different length
/// share buffers. Every buffer starts on a 64-byte boundary.
enum BufferPool {
  /// Bytes on loan and bytes kept, for the memory report.
  struct Usage: Sendable {
    var loanedBytes = 0
    var keptBytes = 0
    var peakBytes = 0
  }

  private struct State: ~Copyable {
    var free: [Int: [UInt]] = [:]
    var usage = Usage()
  }

  private static let state = Mutex(State())

  static var usage: Usage { state.withLock { $0.usage } }

  /// The number of floats that a buffer for `count` floats really has.
  static func capacity(for count: Int) -> Int {
    guard count > 64 else { return 64 }
    let step = max(16, 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount - 4))
    return (count + step - 1) / step * step
  }

  /// A buffer of at least `count` floats, with any content.
  static func take(count: Int) -> UnsafeMutablePointer<Float> {
    let capacity = capacity(for: count)
    let bytes = capacity * MemoryLayout<Float>.stride
    let kept: UInt? = state.withLock { state in
      state.usage.loanedBytes += bytes
      guard let address = state.free[capacity]?.popLast() else {
        state.usage.peakBytes = max(
          state.usage.peakBytes, state.usage.loanedBytes + state.usage.keptBytes)
        return nil
      }
      state.usage.keptBytes -= bytes
      return address
    }
    if let kept, let pointer = UnsafeMutablePointer<Float>(bitPattern: kept) { return pointer }
    let isLarge = bytes >= hugePageBytes
    guard let raw = SystemMemory.allocate(bytes, alignment: isLarge ? hugePageBytes : 64) else {
      preconditionFailure("out of memory: a buffer of \(bytes) bytes was refused")
    }
    // What doesn't fill a huge page stays in small ones.
    if isLarge { SystemMemory.adviseHugePages(raw, bytes / hugePageBytes * hugePageBytes) }
    return raw.bindMemory(to: Float.self, capacity: capacity)
  }

  static func giveBack(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
    let capacity = capacity(for: count)
    let bytes = capacity * MemoryLayout<Float>.stride
    state.withLock { state in
      state.usage.loanedBytes -= bytes
      state.usage.keptBytes += bytes
      state.free[capacity, default: []].append(UInt(bitPattern: pointer))
    }
  }

  /// A training step, and a caption from 8-bit weights, spend some 3 % of their time on the page tables of
  /// small pages.
  private static let hugePageBytes = 2 << 20

  /// Returns the kept buffers to the system, between phases that need different sizes.
  static func trim() {
    let addresses = state.withLock { state in
      defer {
        state.free = [:]
        state.usage.keptBytes = 0
      }
      return state.free.values.flatMap { $0 }
    }
    for address in addresses {
      SystemMemory.release(UnsafeMutableRawPointer(bitPattern: address))
    }
  }
}
