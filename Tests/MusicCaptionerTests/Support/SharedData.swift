import Foundation

/// The root of the checkout, from the place of this file, or from `MUSICCAPTIONER_ROOT`.
private let checkoutRoot: URL = {
  if let root = ProcessInfo.processInfo.environment["MUSICCAPTIONER_ROOT"] {
    return URL(fileURLWithPath: root, isDirectory: true)
  }
  var url = URL(fileURLWithPath: #filePath)
  for _ in 0..<4 { url.deleteLastPathComponent() }
  return url
}()

/// The development data that may lie beside the checkout in `../shared`. Tests that need it are
/// skipped by name where it is absent: `@Test(.enabled(if: SharedData.has("parity/tiny-a")))`.
enum SharedData {
  static let root = checkoutRoot.deletingLastPathComponent().appending(path: "shared")

  static func has(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: url(path).path)
  }

  static func url(_ path: String) -> URL { root.appending(path: path) }
}

/// The small files that belong to the tests themselves.
enum Fixtures {
  static func url(_ name: String) -> URL {
    checkoutRoot.appending(path: "Tests/MusicCaptionerTests/Fixtures").appending(path: name)
  }
}

/// The checkout, for tests that read its documentation, configurations or sources.
enum Checkout {
  static func url(_ path: String) -> URL { checkoutRoot.appending(path: path) }
}

/// A fresh folder for one test, removed when `body` ends.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "music-captioner-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
