import Glibc
import Synchronization

/// A program that runs beside this process: it reads one file as its standard input; its standard
/// output is read here, and the beginning and the end of its standard error are kept.
///
/// It is the only one of its process group, so Ctrl-C in a terminal doesn't reach it: it ends when
/// this process wants it to, at the latest with the last reference. If this process is killed, the
/// program's next write fails.
package final class ChildProcess {
  /// How a program ended.
  package enum Ending: Equatable, Sendable {
    case code(Int32)
    case signal(Int32)
    /// Some other part of this process has collected the status.
    case unknown
  }

  private let number: pid_t
  private let output: Descriptor
  private let errors: Descriptor
  private var errorsHaveEnded = false
  /// The bytes of standard error so far.
  private var messageCount = 0
  private var ending: Ending?
  /// Of standard error.
  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  /// The size of `head`, and the least that is kept of the rest, in bytes.
  private static let keptBytes = 16 << 10

  /// Starts a program, looked for in the folders of PATH. Relative ones are skipped: a program that
  /// lies beside somebody's data must not run.
  ///
  /// - Parameters:
  ///   - program: A name to look for, or an absolute path.
  ///   - input: Belongs to the caller.
  /// - Returns: Nil if there is no such program.
  package static func start(
    _ program: String, _ arguments: [String], input: Descriptor
  ) throws(SystemFailure) -> ChildProcess? {
    var opened: [Descriptor] = []
    defer { for descriptor in opened { descriptor.drop() } }
    var pipes: [(reading: Descriptor, writing: Descriptor)] = []
    for _ in 0..<2 {
      let pipe = try Descriptor.pipe()
      pipes.append(pipe)
      opened += [pipe.reading, pipe.writing]
    }
    // Standard descriptors may be missing in this process, and a pipe may have taken their numbers.
    var inherited: [Descriptor] = []
    for descriptor in [input, pipes[0].writing, pipes[1].writing] {
      inherited.append(try descriptor.copy())
      opened.append(inherited[inherited.count - 1])
    }
    guard let number = try spawn(program, arguments, inherited) else { return nil }
    let reading = pipes.map(\.reading)
    opened.removeAll { reading.contains($0) }
    return ChildProcess(number, output: reading[0], errors: reading[1])
  }

  private init(_ number: pid_t, output: Descriptor, errors: Descriptor) {
    self.number = number
    self.output = output
    self.errors = errors
  }

  deinit {
    end()
    output.drop()
    errors.drop()
  }

  // MARK: Starting

  private struct Running {
    var numbers: Set<pid_t> = []
    var hasEnded = false
  }

  private static let running = Mutex(Running())

  /// - Parameter descriptors: What the program inherits as its standard descriptors.
  private static func spawn(
    _ program: String, _ arguments: [String], _ descriptors: [Descriptor]
  ) throws(SystemFailure) -> pid_t? {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    var words = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (index, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor.number, Int32(index))
    }
    // The signals that this process blocks or ignores are the program's again.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGPIPE, SIGXFSZ] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

    let folders = path.split(separator: ":").filter { $0.hasPrefix("/") }
    let places = program.hasPrefix("/") ? [program] : folders.map { "\($0)/\(program)" }
    for place in places {
      let (code, number) = running.withLock { running in
        var number: pid_t = 0
        if running.hasEnded { return (Int32(0), number) }
        let code = posix_spawn(&number, place, &actions, &attributes, words, environ)
        if code == 0 { running.numbers.insert(number) }
        return (code, number)
      }
      switch code {
      case 0:
        waitIfEnding()
        return number
      case ENOENT, ENOTDIR, EACCES: continue
      default: throw SystemFailure(code: code)
      }
    }
    return nil
  }

  /// Ends all programs, as this process does. No other is started from then on, and what the ended
  /// ones leave undone is no error that anybody hears of.
  package static func endAll() {
    running.withLock { running in
      running.hasEnded = true
      for number in running.numbers { _ = kill(-number, SIGKILL) }
    }
  }

  private static func waitIfEnding() {
    if running.withLock({ $0.hasEnded }) { SystemThread.sleepForGood() }
  }

  // MARK: Output

  /// Reads the output that comes next.
  ///
  /// - Parameter milliseconds: How long to wait for it.
  /// - Returns: The number of bytes, 0 at the end; nil if nothing came in that time.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, within milliseconds: Int
  ) throws(SystemFailure) -> Int? {
    let deadline = SystemSignals.milliseconds() + milliseconds
    while true {
      let remaining = max(0, deadline - SystemSignals.milliseconds())
      // Looks once at least: this process may have been stopped for longer.
      guard try wait(for: output, milliseconds: remaining) else {
        if remaining == 0 { return nil }
        continue
      }
      let count = Glibc.read(output.number, buffer.baseAddress, buffer.count)
      if count == 0 { Self.waitIfEnding() }
      if count >= 0 { return count }
      let failure = SystemFailure.last
      guard failure.isInterruption else { throw failure }
    }
  }

  /// What the program wrote to its standard error so far; if it is long, its beginning and its end.
  package var messages: [UInt8] { head + tail }

  /// Takes in the messages that have been written, without waiting for others.
  package func takeWaitingMessages() {
    var count = -1
    while !errorsHaveEnded, count < messageCount {
      count = messageCount
      guard (try? wait(for: nil, milliseconds: 0)) != nil else { return }
    }
  }

  /// Waits for output, and takes in messages meanwhile.
  ///
  /// - Parameter descriptor: Nil to wait for messages only.
  /// - Returns: Whether the descriptor can be read.
  private func wait(
    for descriptor: Descriptor?, milliseconds: Int
  ) throws(SystemFailure) -> Bool {
    var sources = [
      pollfd(fd: descriptor?.number ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errorsHaveEnded ? -1 : errors.number, events: Int16(POLLIN), revents: 0),
    ]
    let count = poll(&sources, nfds_t(sources.count), Int32(clamping: milliseconds))
    if count < 0 {
      let failure = SystemFailure.last
      guard failure.isInterruption else { throw failure }
      return false
    }
    if sources[1].revents != 0 { takeMessages() }
    return sources[0].revents != 0
  }

  private func takeMessages() {
    var block = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(errors.number, &block, block.count)
    guard count > 0 else {
      if count == 0 || !SystemFailure.last.isInterruption { errorsHaveEnded = true }
      return
    }
    messageCount += count
    let room = min(count, Self.keptBytes - head.count)
    head += block[..<room]
    tail += block[room..<count]
    if tail.count > 2 * Self.keptBytes { tail.removeFirst(tail.count - Self.keptBytes) }
  }

  // MARK: The end

  /// Waits for the end of a program whose output has ended, and ends it if it goes on for too long.
  package func finish(within milliseconds: Int) throws(SystemFailure) -> Ending {
    let deadline = SystemSignals.milliseconds() + milliseconds
    while !collect(waiting: false) {
      let remaining = deadline - SystemSignals.milliseconds()
      if remaining <= 0 { break }
      if errorsHaveEnded {
        usleep(1000)
      } else {
        _ = try wait(for: nil, milliseconds: min(remaining, 20))
      }
    }
    let ending = end()
    // What it wrote last may still be in the pipe, which a program of its own may keep open.
    takeWaitingMessages()
    return ending
  }

  /// Ends the program if it is still running.
  @discardableResult private func end() -> Ending {
    if ending == nil {
      _ = kill(-number, SIGKILL)
      _ = collect(waiting: true)
    }
    return ending ?? .unknown
  }

  /// Asks how the program ended.
  ///
  /// - Parameter waiting: It has been told to end.
  /// - Returns: Whether it has ended.
  private func collect(waiting: Bool) -> Bool {
    if ending != nil { return true }
    var status: Int32 = 0
    var found: pid_t = 0
    // Its number may be another program's as soon as it is collected.
    Self.running.withLock { running in
      if !waiting { found = waitpid(number, &status, WNOHANG) }
      if waiting || found != 0 { running.numbers.remove(number) }
    }
    if waiting {
      repeat {
        found = waitpid(number, &status, 0)
      } while found < 0 && SystemFailure.last.isInterruption
    }
    if found == 0 { return false }
    // As the macros of sys/wait.h, which Swift doesn't import.
    let signal = status & 0x7F
    ending = found < 0 ? .unknown : signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
    return true
  }
}
