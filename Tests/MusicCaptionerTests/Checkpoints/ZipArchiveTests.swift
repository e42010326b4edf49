import Foundation
import Testing

@testable import MusicCaptioner

struct ZipArchiveTests {
  private typealias Entry = ArchiveBuilder.Entry
  private let content: [UInt8] = Array("content".utf8)

  private func read(_ builder: ArchiveBuilder, _ name: String = "a") throws -> [UInt8] {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.zip")
      try Data(builder.bytes).write(to: url)
      let archive = try ZipArchive(CheckpointBytes(url))
      return try archive.file.bytes(archive.range(of: name))
    }
  }

  private func failure(_ builder: ArchiveBuilder) throws -> CheckpointError.Reason? {
    try checkpointFailure { _ = try read(builder) }
  }

  private func expectDamaged(
    _ builder: ArchiveBuilder, _ word: String, at place: SourceLocation = #_sourceLocation
  ) throws {
    let reason = try failure(builder)
    guard case .badArchive(let problem)? = reason, problem.contains(word) else {
      Issue.record("\(String(describing: reason))", sourceLocation: place)
      return
    }
  }

  @Test func entriesAreFoundInBothSizesOfDirectoryAndBehindComments() throws {
    var builder = ArchiveBuilder([
      Entry(name: "b", content: [1]), Entry(name: "a", content: content),
    ])
    #expect(try read(builder) == content)
    builder.comment = Array("a comment with PK\u{5}\u{6} in it, to mislead".utf8)
    #expect(try read(builder) == content)
    builder.usesZip64 = true
    #expect(try read(builder) == content)
    builder.entries[1].usesZip64 = true
    #expect(try read(builder) == content)
    builder.entries.removeAll()
    #expect(try failure(builder) == .missingEntry("a"))
  }

  @Test func damagedContentIsFound() throws {
    let reason = try failure(ArchiveBuilder([Entry(name: "a", content: content, checksum: 1)]))
    guard case .checksumMismatch("a", 1, _)? = reason else {
      Issue.record("\(String(describing: reason))")
      return
    }
  }

  @Test func whatIsNotPlainlyThereIsRefusedByName() throws {
    let deflated = ArchiveBuilder([Entry(name: "a", content: content, method: 8)])
    #expect(
      try failure(deflated) == .unsupportedEntry(name: "a", problem: "is compressed (method 8)"))
    let encrypted = ArchiveBuilder([Entry(name: "a", content: content, flags: 1)])
    #expect(try failure(encrypted) == .unsupportedEntry(name: "a", problem: "is encrypted"))
  }

  @Test func liesAreFound() throws {
    let honest = Entry(name: "a", content: content)
    var other = Entry(name: "b", content: content)
    try expectDamaged(ArchiveBuilder([honest, honest]), "two entries")
    other.claimedOffset = 0
    try expectDamaged(ArchiveBuilder([honest, other]), "overlaps")
    other.claimedOffset = 3
    try expectDamaged(ArchiveBuilder([honest, other]), "overlaps")
    other.claimedOffset = 40
    try expectDamaged(ArchiveBuilder([honest, other]), "header")
    // A bomb: seven bytes that claim to be four billion, or to reach over the next entry.
    var bomb = honest
    bomb.claimedSize = .max - 1
    bomb.claimedPackedSize = .max - 1
    try expectDamaged(ArchiveBuilder([bomb]), "doesn't fit")
    bomb.claimedSize = 40
    bomb.claimedPackedSize = 40
    try expectDamaged(ArchiveBuilder([bomb, Entry(name: "c", content: content)]), "overlaps")
    bomb.claimedPackedSize = 7
    try expectDamaged(ArchiveBuilder([bomb]), "two sizes")
    var renamed = honest
    renamed.localName = "x"
    try expectDamaged(ArchiveBuilder([renamed]), "another name")
    var many = ArchiveBuilder([honest])
    many.claimedCount = 65_000
    try expectDamaged(many, "directory")
    many.usesZip64 = true
    try expectDamaged(many, "directory")
  }

  @Test(arguments: ["/etc/passwd", "../a", "a/../../b", "a\\b", "a\0b", ""])
  func namesThatLeaveTheArchiveAreRefused(name: String) throws {
    try expectDamaged(ArchiveBuilder([Entry(name: name, content: content)]), "name")
  }
}
