import Testing

@testable import Commands
@testable import MusicCaptioner

@Suite struct CaptionProgressTests {
  /// What is shown, at times that the test sets.
  private final class Screen {
    var text = ""
    var time = 0.0
  }

  private func progress(_ screen: Screen, files: Int, isTerminal: Bool) -> CaptionProgress {
    CaptionProgress(
      fileCount: files, isTerminal: isTerminal, now: { screen.time }, write: { screen.text += $0 })
  }

  @Test func aTerminalGetsABarThatMessagesDoNotMixWith() {
    let screen = Screen()
    let progress = progress(screen, files: 4, isTerminal: true)
    screen.time = 2
    for _ in 0..<3 { progress.chunkDone() }
    screen.text = ""
    progress.fileDone()
    #expect(
      screen.text
        == "\r[######                  ] 25%  1/4 files  1.5 chunks/s  0:00:06 left\u{1B}[K")
    screen.text = ""
    progress.say("error: x")
    #expect(screen.text == "\r\u{1B}[Kerror: x\n")
  }

  @Test func aLogGetsALineNowAndThen() {
    let screen = Screen()
    let progress = progress(screen, files: 2, isTerminal: false)
    screen.time = 29
    progress.chunkDone()
    #expect(screen.text.isEmpty)
    screen.time = 31
    progress.fileDone()
    #expect(screen.text == "50%  1/2 files  0.0 chunks/s  0:00:31 left\n")
    progress.fileDone()
    #expect(screen.text.split(separator: "\n").count == 1)
  }

  @Test func oneFileNeedsNoBar() {
    let screen = Screen()
    progress(screen, files: 1, isTerminal: true).chunkDone()
    #expect(screen.text.isEmpty)
  }
}
