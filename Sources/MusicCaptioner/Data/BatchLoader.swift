/// Batches in order, made ahead of their use on threads of their own.
///
/// However many threads there are, the batches are the same and come in the same order. At most
/// `batchesAhead` wait ready. The threads end when the loader is stopped or let go. Where the system
/// has none to give, batches are made when they are asked for.
package final class BatchLoader: Sendable {
  private let queue: BatchQueue
  /// Makes the next batch on the calling thread; nil if threads make them.
  private let makeNext: (@Sendable () -> Void)?

  init(_ source: BatchSource, from start: BatchPosition, count: Int?) {
    let threadCount = max(1, min(source.options.loaderThreads, count ?? .max))
    let queue = BatchQueue(
      count: count, ahead: max(threadCount, source.options.batchesAhead))
    self.queue = queue
    // Threads hold the queue, not the loader: letting go of the loader ends them.
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
  /// - Throws: what kept the batch from being made; from then on there are no more.
  package func next() throws(DataError) -> Batch? {
    while true {
      makeNext?()
      switch queue.take() {
      case nil: return nil
      case .failure(let error)?:
        stop()
        throw error
      // An evaluation batch of which no clip can be read is nothing to measure on.
      case .success(let batch)?: if batch.count > 0 { return batch }
      }
    }
  }

  /// Ends the threads, after the batches that they are working on, and drops what was ready.
  package func stop() { queue.stop() }
}

/// Results that are made by several threads in any order and taken by one in order.
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

  /// Returns when all workers have ended.
  func stop() {
    state.change { state in
      state.isStopped = true
      state.ready = [:]
    }
    state.wait { state -> Void? in state.workerCount == 0 ? () : nil }
  }
}
