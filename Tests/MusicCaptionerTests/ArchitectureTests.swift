import Foundation
import Testing

/// The rules of `Docs/Architecture.md`, which the compiler does not keep inside of one target.
@Suite struct ArchitectureTests {
  private let page: ArchitecturePage
  /// Of the library.
  private let sources: [SwiftSource]
  /// Of what the commands share, a target of its own: the compiler keeps the library from knowing it.
  private let commands: [SwiftSource]

  /// Read once for all tests.
  private static let library = Result {
    try SwiftSource.files(in: Checkout.url("Sources/MusicCaptioner"))
  }
  private static let commandLibrary = Result {
    try SwiftSource.files(in: Checkout.url("Sources/Commands"))
  }

  init() throws {
    page = try ArchitecturePage(
      String(contentsOf: Checkout.url("Docs/Architecture.md"), encoding: .utf8))
    sources = try Self.library.get()
    commands = try Self.commandLibrary.get()
  }

  @Test func foldersKnowOnlyWhatTheTableSaysAndAllOfIt() {
    #expect(sources.count > 100, "the sources were not found")
    #expect(page.violations(in: sources) == [])
  }

  @Test func noFolderKnowsOneThatStandsBelowItInTheTable() {
    for (index, row) in page.rows.enumerated() {
      let above = Set(page.rows[..<index].map(\.folder))
      #expect(row.knows.subtracting(above) == [], "\(row.folder)")
    }
  }

  @Test func commandsKnowTheLibraryAndTheArgumentParserOnly() throws {
    for command in ["train", "caption", "evaluate", "pseudocaption"] {
      for file in try SwiftSource.files(in: Checkout.url("Sources/\(command)")) {
        let allowed: Set = ["ArgumentParser", "Commands", "Foundation", "MusicCaptioner"]
        #expect(file.imports.subtracting(allowed) == [], "\(command)/\(file.name)")
        #expect(file.lineCount <= 120, "\(command)/\(file.name) does more than to parse")
      }
    }
  }

  @Test func whatTheCommandsShareKnowsTheLibraryOnly() {
    #expect(commands.count > 10, "the sources were not found")
    for file in commands {
      var allowed: Set = ["Foundation", "MusicCaptioner", "Synchronization"]
      if file.name == "CommandEntry.swift" { allowed.insert("ArgumentParser") }
      #expect(file.imports.subtracting(allowed) == [], "\(file.name)")
    }
  }

  @Test func standardErrorIsWrittenToInOnePlace() throws {
    let executables = try ["train", "caption", "evaluate", "pseudocaption"].flatMap {
      try SwiftSource.files(in: Checkout.url("Sources/\($0)"))
    }
    let writers = (sources + commands + executables).filter { file in
      file.folder != "System" && !file.words.allSatisfy { $0 != "standardError" && $0 != "stderr" }
    }
    // The handler of a second signal may do hardly anything else.
    #expect(
      Set(writers.map(\.name))
        == ["Console.swift", "InterruptSignal.swift", "Terminal.swift"])
  }

  /// What options can do about an error is said by the commands, `Advice.swift`.
  @Test func theLibraryNamesNoFlagOfACommand() throws {
    for file in sources {
      for line in file.text.split(separator: "\n") where try /--[a-z]/.firstMatch(in: line) != nil {
        let isComment = line.trimmingCharacters(in: .whitespaces).hasPrefix("//")
        #expect(isComment, "\(file.name): \(line)")
      }
    }
  }

  @Test func filesAreShortAndTheirNamesDifferAcrossAModule() throws {
    let tests = try SwiftSource.files(in: Checkout.url("Tests/MusicCaptionerTests"))
    for files in [sources, commands, tests] {
      let names = Dictionary(grouping: files, by: \.name).filter { $1.count > 1 }
      #expect(names.keys.sorted() == [])
      #expect(files.filter { $0.lineCount > 400 }.map(\.name) == [])
    }
  }

  @Test func noTypeHidesItsModuleOrCodable() {
    let reserved: Set = ["MusicCaptioner", "Encoder", "Decoder"]
    for file in sources + commands {
      #expect(file.allTypes.isDisjoint(with: reserved), "\(file.name)")
    }
  }

  @Test func whatTheCompilerCannotCheckIsInTheListedFilesOnly() {
    for file in sources + commands {
      let isUnchecked =
        file.words.contains { ["nonisolated", "unsafeBitCast", "Unmanaged"].contains($0) }
      #expect(isUnchecked == page.uncheckedFiles.contains(file.name), "\(file.name)")
      #expect(!file.words.contains("unchecked"), "\(file.name): checks no property at all")
      // Not `withUnsafe…`, which ends with its closure.
      let hasPointers = file.words.contains { $0.hasPrefix("Unsafe") || $0.hasPrefix("unsafe") }
      let isListed = page.pointerFiles.contains(file.name)
      #expect(
        hasPointers == isListed,
        "\(file.name): touches memory by hand: \(hasPointers); listed in Docs: \(isListed)")
      #expect(!file.words.contains("fatalError"), "\(file.name): bad input is a typed error")
    }
  }

  /// Foundation hands the C library on, so that an import tells nothing.
  @Test func onlyOneFolderCallsTheCLibrary() {
    let functions: Set = [
      "errno", "strerror", "fsync", "fdatasync", "fstat", "ftruncate", "flock", "pread", "pwrite",
      "mmap", "munmap", "malloc", "calloc", "posix_memalign", "madvise", "isatty", "ioctl",
      "getpid", "posix_spawn", "waitpid", "getenv", "kill", "unlink", "renameat2", "dlsym",
      "fflush", "_exit", "sigaction",
      "sigfillset", "SIGINT", "SIG_IGN", "SIG_UNBLOCK", "pthread_create", "opendir", "fcntl",
      "poll",
      "clock_gettime", "pthread_sigmask", "pthread_mutex_lock", "pthread_cond_wait", "getrlimit",
      "setrlimit",
      "STDIN_FILENO", "STDOUT_FILENO", "STDERR_FILENO", "O_RDONLY", "O_CLOEXEC", "S_IFMT", "EINTR",
    ]
    for file in sources + commands where file.folder != "System" {
      let found = functions.intersection(file.words)
      #expect(found == [], "\(file.folder)/\(file.name)")
    }
  }

  /// Foundation's functions repair names that aren't UTF-8, and so find other files or none; its errors are no words of
  /// ours.
  @Test func filesAreNotFoundThroughFoundation() {
    for file in sources + commands {
      #expect(!file.words.contains("FileManager"), "\(file.folder)/\(file.name)")
    }
  }

  /// `Docs/Library.md` lists every public type, and none that isn't one.
  @Test func publicTypesAreThoseOfTheLibraryPage() throws {
    let page = try String(contentsOf: Checkout.url("Docs/Library.md"), encoding: .utf8)
    let table = page.components(separatedBy: "## All public types").last ?? ""
    var listed: [String] = []
    for line in table.split(separator: "\n") where line.hasPrefix("| `") {
      let cell = line.split(separator: "|").first ?? ""
      listed += cell.split(separator: ",").map { name in
        let name = name.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
        return name.split(separator: ".").last.map(String.init) ?? name
      }
    }
    let declaration =
      /^ *public (final |indirect )*(struct|class|enum|protocol|actor) (?<name>\w+)/
      .anchorsMatchLineEndings()
    let found = sources.flatMap { $0.text.matches(of: declaration).map { String($0.output.name) } }
    #expect(found.sorted() == listed.sorted())
    #expect((60...100).contains(found.count), "\(found.count) public types")
  }

  // MARK: The checks can fail

  private static let madeUp = """
    | folder | knows | imports | holds |
    |---|---|---|---|
    | `Low` | – | `CLow` | … |
    | `High` | Low | – | … |
    """

  private func file(_ folder: String, _ name: String, _ text: String) -> SwiftSource {
    SwiftSource(folder: folder, name: name, text: text)
  }

  @Test func aMentionUpwardsIsFound() {
    let files = [
      file("Low", "Base.swift", "import CLow\nstruct Base { func f() -> Top? { nil } }"),
      file("High", "Top.swift", "struct Top { let base: Base }"),
    ]
    #expect(ArchitecturePage(Self.madeUp).violations(in: files) == ["Low/Base.swift: High (Top)"])
  }

  @Test func anArrowThatNothingUsesAndAStrangeImportAreFound() {
    let files = [
      file("Low", "Base.swift", "import CLow\npublic struct Base {}"),
      file("High", "Top.swift", "import CLow\nstruct Top {}"),
    ]
    #expect(
      ArchitecturePage(Self.madeUp).violations(in: files) == [
        "High/Top.swift: imports CLow", "High does not know Low any more",
      ])
  }

  @Test func commentsStringsAndOwnTypesAreNoMentions() {
    let files = [
      file(
        "Low", "Base.swift",
        """
        import CLow
        // Top is above.
        struct Base {
          private struct Top {}
          let a = "Top \\"Other"
          let b = #"Other"#
          let top: Top
          let c = Base.Other
        }
        """),
      file("High", "Top.swift", "struct Top { let base = \"\\(Base())\" }\nstruct Other {}"),
    ]
    #expect(ArchitecturePage(Self.madeUp).violations(in: files) == [])
  }

  @Test func aMentionInsideAStringsInsertionIsFound() {
    let files = [
      file("Low", "Base.swift", "import CLow\nstruct Base { let text = \"a \\(Top(\"x\")) b\" }"),
      file("High", "Top.swift", "struct Top { let base: Base }"),
    ]
    #expect(ArchitecturePage(Self.madeUp).violations(in: files) == ["Low/Base.swift: High (Top)"])
  }
}

/// The tables of `Docs/Architecture.md`.
struct ArchitecturePage {
  struct Row {
    let folder: String
    let knows: Set<String>
    let imports: Set<String>
  }

  private(set) var rows: [Row] = []
  private(set) var uncheckedFiles: Set<String> = []
  private(set) var pointerFiles: Set<String> = []

  init(_ text: String) {
    for line in text.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      if cells.count == 4 {
        rows.append(
          Row(
            folder: cells[0].trimmingCharacters(in: ["`"]), knows: Self.names(cells[1]),
            imports: Self.names(cells[2])))
      } else if cells.count == 3 {
        // | `File.swift` | unchecked, pointers | why |
        let file = cells[0].trimmingCharacters(in: ["`"])
        if cells[1].contains("unchecked") { uncheckedFiles.insert(file) }
        if cells[1].contains("pointers") { pointerFiles.insert(file) }
      }
    }
  }

  private static func names(_ cell: String) -> Set<String> {
    Set(
      cell.split(separator: ",")
        .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        .filter { $0 != "–" })
  }

  /// Modules that any folder may import.
  private static let everyones: Set = ["Foundation", "Synchronization"]

  /// What the files do that the table does not allow, and what it allows in vain.
  func violations(in files: [SwiftSource]) -> [String] {
    var owners: [String: String] = [:]
    for file in files { for type in file.sharedTypes { owners[type] = file.folder } }
    // A type of one's own, though it be inside of another, hides one of the same name elsewhere.
    let own = Dictionary(grouping: files, by: \.folder)
      .mapValues { $0.reduce(into: Set<String>()) { $0.formUnion($1.allTypes) } }
    var used: [String: Set<String>] = [:]
    var problems: [String] = []
    for file in files {
      guard let row = rows.first(where: { $0.folder == file.folder }) else {
        problems.append("\(file.folder) is not in the table")
        continue
      }
      let foreign = file.mentions.subtracting(own[file.folder] ?? [])
      for type in foreign.sorted() {
        guard let owner = owners[type], owner != file.folder else { continue }
        used[file.folder, default: []].insert(owner)
        if !row.knows.contains(owner) {
          problems.append("\(file.folder)/\(file.name): \(owner) (\(type))")
        }
      }
      let imports = file.imports.subtracting(Self.everyones)
      used[file.folder, default: []].formUnion(imports)
      for module in imports.subtracting(row.imports).sorted() {
        problems.append("\(file.folder)/\(file.name): imports \(module)")
      }
    }
    for row in rows {
      for name in row.knows.union(row.imports).subtracting(used[row.folder] ?? []).sorted() {
        problems.append("\(row.folder) does not know \(name) any more")
      }
    }
    return problems
  }
}
