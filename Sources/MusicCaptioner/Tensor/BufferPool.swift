import Synchronization

/// Memory for tensors, kept for reuse instead of handed back: a training step asks for the same
/// sizes again and again, and fresh pages cost a fault each.
///
/// Sizes are rounded up to eighths of a power of two, so that batches of slightly different length
/// share buffers. Captions differ in length, and with them the rows of each batch: a set of buffers for every
/// size would take several times what a step needs. So where no buffer of a size is free, one up to two
/// eighths larger serves, and failing that, a smaller one is released when the new one is made.
/// Every buffer starts on a 64-byte boundary.
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

    /// The largest free buffer that is smaller, by half at most: from batch to batch, sizes for the same use
    /// are that close. All sizes that one step needs side by side stay in the end, as only a larger buffer
    /// displaces a smaller one.
    mutating func popSmaller(than capacity: Int) -> UInt? {
      let sizes = free.lazy.filter {
        $0.key < capacity && $0.key >= capacity / 2 && !$0.value.isEmpty
      }
      guard let size = sizes.map(\.key).max(), let address = free[size]?.popLast() else {
        return nil
      }
      usage.keptBytes -= size * MemoryLayout<Float>.stride
      return address
    }
  }

  private static let state = Mutex(State())

  static var usage: Usage { state.withLock { $0.usage } }

  /// The number of floats that a buffer for `count` floats has room for.
  static func capacity(for count: Int) -> Int {
    guard count > 64 else { return 64 }
    let step = max(16, 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount - 4))
    return (count + step - 1) / step * step
  }

  /// A buffer for at least `count` floats, with any content, and the number that it has room for.
  static func take(count: Int) -> (pointer: UnsafeMutablePointer<Float>, capacity: Int) {
    let capacity = capacity(for: count)
    let bytes = capacity * MemoryLayout<Float>.stride
    var outgrown: UInt?
    let kept: (address: UInt, capacity: Int)? = state.withLock { state in
      var larger = capacity
      for _ in 0...2 {
        if let address = state.free[larger]?.popLast() {
          let bytes = larger * MemoryLayout<Float>.stride
          state.usage.loanedBytes += bytes
          state.usage.keptBytes -= bytes
          return (address, larger)
        }
        larger = self.capacity(for: larger + 1)
      }
      outgrown = state.popSmaller(than: capacity)
      state.usage.loanedBytes += bytes
      state.usage.peakBytes = max(
        state.usage.peakBytes, state.usage.loanedBytes + state.usage.keptBytes)
      return nil
    }
    if let kept, let pointer = UnsafeMutablePointer<Float>(bitPattern: kept.address) {
      return (pointer, kept.capacity)
    }
    if let outgrown { SystemMemory.release(UnsafeMutableRawPointer(bitPattern: outgrown)) }
    let isLarge = bytes >= hugePageBytes
    let raw = SystemMemory.require(bytes, alignment: isLarge ? hugePageBytes : 64)
    // The rest, which doesn't fill a huge page, stays in small ones.
    if isLarge { SystemMemory.adviseHugePages(raw, bytes / hugePageBytes * hugePageBytes) }
    return (raw.bindMemory(to: Float.self, capacity: capacity), capacity)
  }

  /// - Parameter capacity: As `take` returned it.
  static func giveBack(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
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

  /// What stays after a job, in bytes: enough for another clip without page faults.
  static let keptWhenIdle = 128 << 20

  /// Returns kept buffers to the system, the largest first: between phases that need different sizes, and
  /// after the last one.
  ///
  /// - Parameter limit: What may be kept, in bytes.
  static func trim(keeping limit: Int = 0) {
    let addresses: [UInt] = state.withLock { state in
      var released: [UInt] = []
      for size in state.free.keys.sorted(by: >) {
        while state.usage.keptBytes > limit, let address = state.free[size]?.popLast() {
          state.usage.keptBytes -= size * MemoryLayout<Float>.stride
          released.append(address)
        }
      }
      return released
    }
    for address in addresses {
      SystemMemory.release(UnsafeMutableRawPointer(bitPattern: address))
    }
  }
}
