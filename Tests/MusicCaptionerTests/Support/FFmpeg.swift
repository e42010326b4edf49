import Foundation

/// The program `ffmpeg`, which tests of foreign formats need: they are skipped by name where it isn't on
/// PATH. And scripts that take its place.
enum FFmpeg {
  static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").map { "\($0)/ffmpeg" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static var isInstalled: Bool { path != nil }

  /// Runs ffmpeg to make a file.
  ///
  /// - Returns: Whether this build of it could.
  static func run(_ arguments: [String], in folder: URL) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "/nonexistent")
    process.arguments = ["-nostdin", "-v", "error", "-y"] + arguments
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  /// A script called `ffmpeg` in a folder of its own.
  ///
  /// - Parameter script: What it does, in the language of `sh`.
  /// - Returns: The script's path.
  static func pretend(_ script: String, in folder: URL) throws -> String {
    let place = folder.appending(path: "programs")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let (text, program) = (place.appending(path: "script"), place.appending(path: "ffmpeg"))
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: text)
    // A program can't be started while it is open for writing, and what this process has open, another test's
    // new process has too for a moment.
    let install = Process()
    install.executableURL = URL(fileURLWithPath: "/usr/bin/install")
    install.arguments = ["-m", "755", text.path, program.path]
    try install.run()
    install.waitUntilExit()
    return program.path
  }

  /// For `printf` in such a script: the header that ffmpeg writes, for mono sound at 16 kHz.
  static let header =
    #"RIFF\377\377\377\377WAVEfmt \020\0\0\0\003\0\001\0\200\076\0\0\0\372\0\0\004\0\040\0data\377\377\377\377"#
}
