import CKernels
import Foundation
import Glibc
import Synchronization

/// Threads that share the iterations of a loop.
///
/// What an iteration computes may depend on its index only, never on which thread runs it or on how
/// many there are; so results are the same for any `threadCount`. One loop runs at a time: a loop
/// that finds the pool busy (another task's, or one started inside an iteration) runs on the thread
/// that asked for it.
///
/// `@unchecked Sendable`: all state is behind the mutex or atomic; `body` is read by the workers
/// only between the start and the end of the loop that owns it.
public final class WorkPool: @unchecked Sendable {
  /// The pool that all tensor operations use.
  public static let shared = WorkPool(threadCount: processorCount)

  /// The number of processors that this process may run on.
  public static let processorCount = Int(ck_processor_count())

  private struct Job {
    let body: (Int) -> Void
    let count: Int
  }

  private let mutex: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
  private let wake: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
  private let done: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
  private let isBusy = Atomic(false)
  private let nextIndex = Atomic(0)
  private let generation = Atomic(0)
  private let activeWorkers = Atomic(0)
  private var job: Job?
  private var workerCount = 0
  /// The workers that take part in the current loop: those numbered below this.
  private var participantCount = 0
  private let wantedWorkers: Atomic<Int>

  init(threadCount: Int) {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
    pthread_cond_init(done, nil)
    wantedWorkers = Atomic(max(1, threadCount) - 1)
  }

  /// The number of threads that share a loop, the caller's included.
  public var threadCount: Int {
    get { wantedWorkers.load(ordering: .relaxed) + 1 }
    set { wantedWorkers.store(max(1, newValue) - 1, ordering: .relaxed) }
  }

  /// Runs `body` for every index in `0..<count` and returns when all are done.
  public func forEach(_ count: Int, _ body: (Int) -> Void) {
    guard count > 1, threadCount > 1,
      isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else {
      for index in 0..<max(0, count) { body(index) }
      return
    }
    // The closure outlives this call nowhere: the loop below waits for every worker that took it.
    withoutActuallyEscaping(body) { body in
      let job = Job(body: body, count: count)
      start(job)
      runIterations(of: job)
      finish()
    }
    isBusy.store(false, ordering: .releasing)
  }

  private func start(_ job: Job) {
    locked {
      let participants = min(threadCount, job.count) - 1
      while workerCount < participants {
        startWorker(number: workerCount)
        workerCount += 1
      }
      self.job = job
      nextIndex.store(0, ordering: .relaxed)
      participantCount = participants
      activeWorkers.store(participants, ordering: .relaxed)
      generation.add(1, ordering: .releasing)
      pthread_cond_broadcast(wake)
    }
  }

  private func finish() {
    // Iterations are short next to a context switch, so look again for a moment before sleeping.
    for _ in 0..<Self.spinCount where activeWorkers.load(ordering: .acquiring) > 0 { ck_pause() }
    locked {
      while activeWorkers.load(ordering: .acquiring) > 0 { pthread_cond_wait(done, mutex) }
      job = nil
    }
  }

  private func runIterations(of job: Job) {
    while true {
      let index = nextIndex.add(1, ordering: .relaxed).oldValue
      if index >= job.count { return }
      job.body(index)
    }
  }

  /// Looks before a thread goes to sleep: some 50 µs, the time between the loops of one step. They
  /// don't yield the processor, which would hand it to another process for milliseconds.
  private static let spinCount = 2_000

  private func startWorker(number: Int) {
    let thread = Thread { [self] in
      var seen = 0
      while true {
        for _ in 0..<Self.spinCount where generation.load(ordering: .acquiring) == seen {
          ck_pause()
        }
        guard takePart(number: number, after: &seen) else { continue }
        if activeWorkers.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
          locked { _ = pthread_cond_signal(done) }
        }
      }
    }
    thread.name = "music-captioner-\(number + 1)"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Waits for the next loop and runs iterations of it.
  ///
  /// A function of its own, never inlined, so that the worker has let go of the loop's body when it
  /// reports that it is done: the body must not be referred to any more when `forEach` returns.
  ///
  /// - Returns: Whether the worker took part in the loop.
  @inline(never) private func takePart(number: Int, after seen: inout Int) -> Bool {
    let work: Job? = locked {
      while generation.load(ordering: .acquiring) == seen { pthread_cond_wait(wake, mutex) }
      seen = generation.load(ordering: .acquiring)
      return number < participantCount ? job : nil
    }
    guard let work else { return false }
    runIterations(of: work)
    return true
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
