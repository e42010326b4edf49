import Foundation
import MusicCaptioner
import Testing

/// What the pages of the documentation promise.
@Suite struct DocumentationTests {
  static let pages = ["Docs/Library.md", "README.md"]

  /// `LibraryTests` compiles the code in the documentation as a user of the library would, and runs it:
  /// each Swift block has to stand there, word for word but for its indentation and its imports.
  @Test(arguments: pages) func swiftBlocksAreCompiled(page: String) throws {
    let text = try String(contentsOf: Checkout.url(page), encoding: .utf8)
    let folder = Checkout.url("Tests/LibraryTests")
    let compiled = try FileManager.default.contentsOfDirectory(atPath: folder.path).flatMap {
      Self.lines(try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
    }
    let blocks = Self.swiftBlocks(text)
    #expect(!blocks.isEmpty, "\(page) shows no Swift")
    for block in blocks where !block.contains(".package(") {
      let lines = Self.lines(block).filter { !$0.hasPrefix("import ") }
      #expect(lines.count <= 10, "\(page): an example is to stay short:\n\(block)")
      #expect(
        compiled.indices.contains { compiled[$0...].starts(with: lines) },
        "\(page) shows what LibraryTests does not compile:\n\(block)")
    }
  }

  private static func swiftBlocks(_ text: String) -> [String] {
    text.components(separatedBy: "```swift\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
  }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  // MARK: Links

  /// A link to a file that isn't there is a promise that isn't kept.
  @Test func linksBetweenPagesLeadSomewhere() throws {
    let docs = try FileManager.default.contentsOfDirectory(atPath: Checkout.url("Docs").path)
    let pages =
      ["README.md", "CONTRIBUTING.md"] + docs.filter { $0.hasSuffix(".md") }.map { "Docs/\($0)" }
    for page in pages {
      let url = Checkout.url(page)
      let text = try String(contentsOf: url, encoding: .utf8)
      for part in text.components(separatedBy: "](").dropFirst() {
        let target = String(part.prefix { $0 != ")" && $0 != "#" })
        if target.isEmpty || target.contains("://") { continue }
        let file = url.deletingLastPathComponent().appending(path: target)
        #expect(FileManager.default.fileExists(atPath: file.path), "\(page): \(target)")
      }
    }
  }

  @Test func everyKeyOfAConfigurationIsExplained() throws {
    var configuration = RunConfiguration()
    configuration.data.train = [DatasetOptions()]
    configuration.synthesizedMusic = SynthesizedMusicOptions()
    let page = try String(contentsOf: Checkout.url("Docs/Training.md"), encoding: .utf8)
    let yaml = try ConfigurationFile<RunConfiguration>.yaml(configuration)
    let keys = Self.lines(yaml).compactMap { line -> String? in
      let entry = line.hasPrefix("- ") ? line.dropFirst(2) : line[...]
      return entry.contains(":") ? String(entry.prefix { $0 != ":" }) : nil
    }
    #expect(keys.count > 80 && keys.contains("manifest"))
    for key in keys { #expect(page.contains("`\(key)`") || page.contains("data.\(key)"), "\(key)") }
  }

  @Test func continuousIntegrationRunsTheCommandThatTheReadmeNames() throws {
    let script = Self.lines(
      try String(contentsOf: Checkout.url(".ci/run"), encoding: .utf8))
    let readme = Self.lines(try String(contentsOf: Checkout.url("README.md"), encoding: .utf8))
    // Tests of what ffmpeg reads are skipped without it.
    #expect(
      script.contains("Scripts/install-packages ffmpeg") && script.contains("swift test"))
    #expect(readme.contains("Scripts/install-packages && swift test"))
  }

  /// One list, in one place; the page on dependencies says what each package is for.
  @Test func packagesAreListedOnceAndExplained() throws {
    let page = try String(contentsOf: Checkout.url("Docs/DEPENDENCIES.md"), encoding: .utf8)
    let script = try String(contentsOf: Checkout.url("Scripts/install-packages"), encoding: .utf8)
    let packages = Self.lines(script).filter { $0.hasPrefix("needed=") || $0.hasPrefix("helpful=") }
      .flatMap { $0.split(separator: "\"")[1].split(separator: " ") }
    #expect(packages.count == 15)
    for package in packages { #expect(page.contains("`\(package)`"), "\(package)") }
    for name in ["README.md", "CONTRIBUTING.md", ".ci/run"] {
      let text = try String(contentsOf: Checkout.url(name), encoding: .utf8)
      #expect(text.contains("Scripts/install-packages") && !text.contains("libopenblas"), "\(name)")
      #expect(!text.contains("sudo apt-get"), "\(name)")
    }
  }
}
