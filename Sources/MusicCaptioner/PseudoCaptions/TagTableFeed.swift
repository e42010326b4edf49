import Foundation
import Synchronization

/// Rows of a table as they are asked for: a thread reads a few ahead and no more, so that a table of
/// any length passes through in constant memory.
final class TagTableFeed: Sendable {
  let rows: AsyncThrowingStream<TagRow, any Error>
  private let space: DispatchSemaphore
  private let isStopped = Atomic(false)

  /// - Parameters:
  ///   - ahead: How many rows may wait.
  ///   - isWanted: Says by a row's number whether it is delivered.
  init(_ table: TagTable, ahead: Int, isWanted: @escaping @Sendable (Int) -> Bool) {
    let (rows, continuation) = AsyncThrowingStream.makeStream(of: TagRow.self)
    self.rows = rows
    // A semaphore must not go away with less than it began with, as after an early stop it would.
    let space = DispatchSemaphore(value: 0)
    for _ in 0..<ahead { space.signal() }
    self.space = space
    let read = { @Sendable [weak self] in
      do {
        var rows = try table.rows()
        while let (number, row) = try rows.next() {
          guard let row, isWanted(number) else { continue }
          space.wait()
          guard let self, !self.isStopped.load(ordering: .acquiring) else { break }
          continuation.yield(row)
        }
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    do throws(ThreadError) {
      try BackgroundThread.start("tags", read)
    } catch {
      continuation.finish(throwing: error)
    }
  }

  /// Makes room for another row. Call it for each row that was taken.
  func taken() { space.signal() }

  /// Ends the reading.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    space.signal()
  }
}
