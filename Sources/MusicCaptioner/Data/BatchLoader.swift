/// Batches in order, prepared ahead of use on background threads.
///
/// The batches and their order are the same for any number of threads. At most `batchesAhead`
/// finished batches wait. The threads end when the loader is stopped or released. If the system
/// can't provide threads, batches are made on demand.
package final class BatchLoader: Sendable {
  private let queue: BatchQueue
  /// Makes the next batch on the calling thread; nil if background threads make them.
  private let makeNext: (@Sendable () -> Void)?

  init(_ source: BatchSource, from start: BatchPosition, count: Int?) {
    let threadCount = max(1, min(source.options.loaderThreads, count ?? .max))
    let queue = BatchQueue(
      count: count, ahead: max(threadCount, source.options.batchesAhead))
    self.queue = queue
    // Threads hold the queue, not the loader: releasing the loader ends them.
    let make: @Sendable (Int) -> Void = { index in
      let position = start.advanced(by: index, batchesPerEpoch: source.batchesPerEpoch)
      do throws(DataError) {
        queue.deliver(.success(try source.batch(at: position)), at: index)
      } catch {
        queue.deliver(.failure(error), at: index)
      }
    }
    var startedCount = 0
    for number in 0..<threadCount {
      queue.workerStarts()
      do throws(ThreadError) {
        try BackgroundThread.start("batch loader \(number)") {
          while let index = queue.claim() { make(index) }
          queue.workerEnded()
        }
        startedCount += 1
      } catch {
        queue.workerEnded()
        break
      }
    }
    if startedCount > 0 {
      makeNext = nil
    } else {
      makeNext = {
        if let index = queue.claim() { make(index) }
      }
    }
  }

  deinit { queue.stop() }

  /// The next batch; waits until it is ready. Nil at the end, and after ``stop()``.
  ///
  /// - Throws: The error that kept the batch from being made; there are no batches after it.
  package func next() throws(DataError) -> Batch? {
    while true {
      makeNext?()
      switch queue.take() {
      case nil: return nil
      case .failure(let error)?:
        stop()
        throw error
      // Skip evaluation batches without a readable clip: there is nothing to measure.
      case .success(let batch)?: if batch.count > 0 { return batch }
      }
    }
  }

  /// Stops the threads once they finish their current batches, and drops the batches that are
  /// ready.
  package func stop() { queue.stop() }
}

/// Results that several threads make in any order and one thread takes in order.
private final class BatchQueue: Sendable {
  typealias Made = Result<Batch, DataError>

  private struct State: Sendable {
    var nextToMake = 0
    var nextToTake = 0
    var ready: [Int: Made] = [:]
    var isStopped = false
    var workerCount = 0
  }

  private let state = Monitor(State())
  private let count: Int
  private let ahead: Int

  init(count: Int?, ahead: Int) {
    self.count = count ?? .max
    self.ahead = ahead
  }

  func workerStarts() { state.change { $0.workerCount += 1 } }

  /// The number of a batch to make; waits while enough are ready. Nil if there are no more to make.
  func claim() -> Int? {
    state.wait { [count, ahead] state -> Int?? in
      if state.isStopped || state.nextToMake >= count { return .some(nil) }
      guard state.nextToMake < state.nextToTake + ahead else { return nil }
      state.nextToMake += 1
      return state.nextToMake - 1
    }
  }

  func deliver(_ made: Made, at index: Int) {
    state.change { state in
      if !state.isStopped { state.ready[index] = made }
    }
  }

  /// The next batch in order; nil if there are no more.
  func take() -> Made? {
    state.wait { [count] state -> Made?? in
      if state.isStopped || state.nextToTake >= count { return .some(nil) }
      guard let made = state.ready.removeValue(forKey: state.nextToTake) else { return nil }
      state.nextToTake += 1
      return made
    }
  }

  func workerEnded() { state.change { $0.workerCount -= 1 } }

  /// Returns after all workers have ended.
  func stop() {
    state.change { state in
      state.isStopped = true
      state.ready = [:]
    }
    state.wait { state -> Void? in state.workerCount == 0 ? () : nil }
  }
}
