import Foundation
import Synchronization

/// Delivers rows of a table on demand: a thread reads only a few rows ahead, so that a table of any
/// length is processed in constant memory.
final class TagTableFeed: Sendable {
  let rows: AsyncThrowingStream<TagRow, any Error>
  private let space: DispatchSemaphore
  private let isStopped = Atomic(false)

  /// - Parameters:
  ///   - ahead: How many rows may wait.
  ///   - isWanted: Whether the row with this number is delivered.
  init(_ table: TagTable, ahead: Int, isWanted: @escaping @Sendable (Int) -> Bool) {
    let (rows, continuation) = AsyncThrowingStream.makeStream(of: TagRow.self)
    self.rows = rows
    // A semaphore must not be deallocated with a value below its initial one, which could happen
    // after an early stop.
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

  /// Makes room for another row. Call it for each row taken.
  func taken() { space.signal() }

  /// Stops reading.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    space.signal()
  }
}
