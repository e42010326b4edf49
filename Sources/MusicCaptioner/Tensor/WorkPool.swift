import CKernels
import Synchronization

/// Threads that share the iterations of a loop.
///
/// What an iteration computes may depend on its index only, never on which thread runs it or on how
/// many there are; so results are the same for any `threadCount`. One loop runs at a time: a loop
/// that finds the pool busy (another task's, or one started inside an iteration) runs on the thread
/// that asked for it.
///
/// Each thread begins with its own part of the iterations, so that it goes through memory in order, and
/// helps with the parts of others when it has finished.
///
/// Inside an iteration subnormal numbers count as zero (`ck_flush_subnormals`), on every thread.
public final class WorkPool: Sendable {
  /// The pool that all tensor operations use.
  public static let shared = WorkPool(threadCount: processorCount)

  /// The number of processors that this process may run on.
  public static let processorCount = Int(ck_processor_count())

  private struct Job {
    let body: (Int) -> Void
    let count: Int
    let participants: Int

    /// The iterations that a participant begins with.
    func part(_ number: Int) -> Range<Int> {
      number * count / participants..<(number + 1) * count / participants
    }
  }

  /// Fills a cache line, so that threads don't wait for each other's.
  private struct Cursor: ~Copyable {
    let next = Atomic(0)
    private let padding: (Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0)
  }

  private let locked = ThreadLock()
  private let wake = ThreadLock.Condition()
  private let done = ThreadLock.Condition()
  private let isBusy = Atomic(false)
  /// The next iteration of each participant's part. Only the counters in it ever change.
  private nonisolated(unsafe) let cursors: UnsafeMutablePointer<Cursor>
  /// The loop's number, and how many workers take part (those numbered up to that), in one word: a worker
  /// sees from it whether it is needed.
  private let announcement = Atomic(0)
  private let activeWorkers = Atomic(0)
  private let sleepingWorkers = Atomic(0)
  private let ownerSleeps = Atomic(false)
  /// Workers read it between the announcement of a loop that counts them in and their report that they
  /// are done, for which its owner waits.
  private nonisolated(unsafe) var job: Job?
  /// The workers that run. Changed only by the thread that set `isBusy`.
  private let workerCount = Atomic(0)
  /// Whether the system refused to start another thread: then those that run share the work.
  private let isRefusedThreads = Atomic(false)
  private let wantedWorkers: Atomic<Int>

  init(threadCount: Int) {
    cursors = .allocate(capacity: Self.participantLimit)
    for index in 0..<Self.participantLimit { (cursors + index).initialize(to: Cursor()) }
    wantedWorkers = Atomic(max(1, threadCount) - 1)
  }

  /// The number of threads that share a loop, the caller's included.
  public var threadCount: Int {
    get { wantedWorkers.load(ordering: .relaxed) + 1 }
    set { wantedWorkers.store(max(1, newValue) - 1, ordering: .relaxed) }
  }

  /// Starts the threads now rather than with the first loop.
  ///
  /// - Returns: The number of threads that share a loop: less than `threadCount` where the system refuses
  ///   to start more. Results are the same.
  @discardableResult public func startThreads() -> Int {
    guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return threadCount }
    defer { isBusy.store(false, ordering: .releasing) }
    return startWorkers(min(threadCount, Self.participantLimit) - 1) + 1
  }

  /// Runs `body` for every index in `0..<count` and returns when all are done.
  public func forEach(_ count: Int, _ body: (Int) -> Void) {
    let flushedBefore = ck_flush_subnormals(1)
    defer { ck_flush_subnormals(flushedBefore) }
    guard count > 1, threadCount > 1,
      isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else {
      for index in 0..<max(0, count) { body(index) }
      return
    }
    // The closure doesn't outlive this call: `finish` waits for every worker that took it.
    withoutActuallyEscaping(body) { body in
      let wanted = min(threadCount, count, Self.participantLimit)
      let job = Job(body: body, count: count, participants: startWorkers(wanted - 1) + 1)
      start(job)
      runIterations(of: job, number: 0)
      finish()
    }
    isBusy.store(false, ordering: .releasing)
  }

  /// - Returns: The number of those workers that run.
  private func startWorkers(_ count: Int) -> Int {
    var running = workerCount.load(ordering: .relaxed)
    while running < count && !isRefusedThreads.load(ordering: .relaxed) {
      if startWorker(number: running + 1) {
        running += 1
        workerCount.store(running, ordering: .relaxed)
      } else {
        isRefusedThreads.store(true, ordering: .relaxed)
      }
    }
    return min(count, running)
  }

  private func start(_ job: Job) {
    for number in 0..<job.participants {
      cursors[number].next.store(job.part(number).lowerBound, ordering: .relaxed)
    }
    self.job = job
    let loopNumber = announcement.load(ordering: .relaxed) / Self.participantLimit + 1
    activeWorkers.store(job.participants - 1, ordering: .relaxed)
    // Either this thread sees a worker that is going to sleep, or the worker sees the announcement.
    announcement.store(
      loopNumber * Self.participantLimit + job.participants - 1, ordering: .sequentiallyConsistent)
    if sleepingWorkers.load(ordering: .sequentiallyConsistent) > 0 {
      locked { wake.wakeAll() }
    }
  }

  private func finish() {
    if !spin(until: { activeWorkers.load(ordering: .acquiring) == 0 }) {
      locked {
        ownerSleeps.store(true, ordering: .sequentiallyConsistent)
        while activeWorkers.load(ordering: .sequentiallyConsistent) > 0 {
          done.wait(locked)
        }
        ownerSleeps.store(false, ordering: .relaxed)
      }
    }
    job = nil
  }

  /// - Parameter number: The participant's: 0 is the thread that asked for the loop.
  private func runIterations(of job: Job, number: Int) {
    for step in 0..<job.participants {
      let owner = (number + step) % job.participants
      let end = job.part(owner).upperBound
      while cursors[owner].next.load(ordering: .relaxed) < end {
        let index = cursors[owner].next.add(1, ordering: .relaxed).oldValue
        if index < end { job.body(index) }
      }
    }
  }

  /// More threads than this don't share a loop.
  private static let participantLimit = 256

  /// How often a thread looks before it goes to sleep: for some 50 µs, the time between the loops of one
  /// step. It doesn't yield the processor, which might go to another process for milliseconds.
  private static let spinCount = 2_000

  /// Iterations are short next to a context switch, so threads look again for a moment before sleeping.
  ///
  /// - Returns: Whether the condition has become true.
  private func spin(until isTrue: () -> Bool) -> Bool {
    for _ in 0..<Self.spinCount {
      if isTrue() { return true }
      ck_pause()
    }
    return false
  }

  /// - Returns: Whether the system started the thread.
  private func startWorker(number: Int) -> Bool {
    let run = { @Sendable [self] in
      ck_flush_subnormals(1)
      var seen = 0
      while true {
        seen = nextAnnouncement(after: seen)
        guard number <= seen % Self.participantLimit else { continue }
        takePart(number: number)
        let isLast = activeWorkers.subtract(1, ordering: .sequentiallyConsistent).newValue == 0
        if isLast && ownerSleeps.load(ordering: .sequentiallyConsistent) {
          locked { done.wakeOne() }
        }
      }
    }
    do throws(ThreadError) {
      try BackgroundThread.start("compute \(number)", run)
      return true
    } catch {
      return false
    }
  }

  /// Waits for a loop that this worker hasn't seen.
  private func nextAnnouncement(after seen: Int) -> Int {
    if spin(until: { announcement.load(ordering: .acquiring) != seen }) {
      return announcement.load(ordering: .acquiring)
    }
    return locked {
      sleepingWorkers.add(1, ordering: .sequentiallyConsistent)
      while announcement.load(ordering: .sequentiallyConsistent) == seen {
        wake.wait(locked)
      }
      sleepingWorkers.subtract(1, ordering: .relaxed)
      return announcement.load(ordering: .acquiring)
    }
  }

  /// Runs iterations of the current loop.
  ///
  /// A function of its own, never inlined, so that the worker has let go of the loop's body when it
  /// reports that it is done: the body must not be referred to any more when `forEach` returns.
  @inline(never) private func takePart(number: Int) {
    if let job { runIterations(of: job, number: number) }
  }
}
