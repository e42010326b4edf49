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
/// `@unchecked Sendable`: what is not atomic belongs to the thread that set `isBusy`, but for `job`, which
/// workers read between the announcement of a loop that counts them in and their report that they are
/// done; its owner waits for that.
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
  /// The loop's number, and how many workers take part (those numbered below that), in one word: whoever
  /// reads it knows whether the loop waits for him.
  private let announcement = Atomic(0)
  private let activeWorkers = Atomic(0)
  private let sleepingWorkers = Atomic(0)
  private let ownerSleeps = Atomic(false)
  private var job: Job?
  private var loopNumber = 0
  private var workerCount = 0
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
    let participants = min(threadCount, job.count, Self.participantLimit) - 1
    while workerCount < participants {
      startWorker(number: workerCount)
      workerCount += 1
    }
    self.job = job
    loopNumber += 1
    nextIndex.store(0, ordering: .relaxed)
    activeWorkers.store(participants, ordering: .relaxed)
    // Either this thread sees a worker that is going to sleep, or the worker sees the announcement.
    announcement.store(
      loopNumber * Self.participantLimit + participants, ordering: .sequentiallyConsistent)
    if sleepingWorkers.load(ordering: .sequentiallyConsistent) > 0 {
      locked { _ = pthread_cond_broadcast(wake) }
    }
  }

  private func finish() {
    if !spin(until: { activeWorkers.load(ordering: .acquiring) == 0 }) {
      locked {
        ownerSleeps.store(true, ordering: .sequentiallyConsistent)
        while activeWorkers.load(ordering: .sequentiallyConsistent) > 0 {
          pthread_cond_wait(done, mutex)
        }
        ownerSleeps.store(false, ordering: .relaxed)
      }
    }
    job = nil
  }

  private func runIterations(of job: Job) {
    while true {
      let index = nextIndex.add(1, ordering: .relaxed).oldValue
      if index >= job.count { return }
      job.body(index)
    }
  }

  private static let participantLimit = 1 << 16

  /// Looks before a thread goes to sleep: some 50 µs, the time between the loops of one step. They
  /// don't yield the processor, which would hand it to another process for milliseconds.
  private static let spinCount = 2_000

  /// Iterations are short next to a context switch, so threads look again for a moment before sleeping.
  ///
  /// - Returns: Whether it has become true.
  private func spin(until isTrue: () -> Bool) -> Bool {
    for _ in 0..<Self.spinCount {
      if isTrue() { return true }
      ck_pause()
    }
    return false
  }

  private func startWorker(number: Int) {
    let thread = Thread { [self] in
      var seen = 0
      while true {
        seen = nextAnnouncement(after: seen)
        guard number < seen % Self.participantLimit else { continue }
        takePart()
        let isLast = activeWorkers.subtract(1, ordering: .sequentiallyConsistent).newValue == 0
        if isLast && ownerSleeps.load(ordering: .sequentiallyConsistent) {
          locked { _ = pthread_cond_signal(done) }
        }
      }
    }
    thread.name = "music-captioner-\(number + 1)"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Waits for a loop that this worker hasn't seen.
  private func nextAnnouncement(after seen: Int) -> Int {
    if spin(until: { announcement.load(ordering: .acquiring) != seen }) {
      return announcement.load(ordering: .acquiring)
    }
    return locked {
      sleepingWorkers.add(1, ordering: .sequentiallyConsistent)
      while announcement.load(ordering: .sequentiallyConsistent) == seen {
        pthread_cond_wait(wake, mutex)
      }
      sleepingWorkers.subtract(1, ordering: .relaxed)
      return announcement.load(ordering: .acquiring)
    }
  }

  /// Runs iterations of the current loop.
  ///
  /// A function of its own, never inlined, so that the worker has let go of the loop's body when it
  /// reports that it is done: the body must not be referred to any more when `forEach` returns.
  @inline(never) private func takePart() {
    if let job { runIterations(of: job) }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
