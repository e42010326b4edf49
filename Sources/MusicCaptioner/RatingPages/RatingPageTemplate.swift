/// The document of a rating page, without its data: three views, of which the script shows one.
enum RatingPageTemplate {
  /// All that comes before the data.
  ///
  /// - Parameter mediaSources: Where the page may load sound from; it may load nothing else.
  static func head(mediaSources: String) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
    style-src 'unsafe-inline'; script-src 'unsafe-inline'; media-src \(mediaSources)">
    <title>Which caption fits the music better?</title>
    <style>
    \(RatingPageStyle.css)
    </style>
    </head>
    <body>
    \(views)

    """
  }

  /// All that comes after the data.
  static let tail = "<script>\n\(RatingPageScript.javaScript)\n</script>\n</body>\n</html>\n"

  private static let views = #"""
    <header id="top" hidden>
      <div class="row spread">
        <span id="place" class="soft" role="status"></span>
        <span class="soft"><span id="who"></span>
          <button type="button" class="link" id="change">Change</button></span>
      </div>
      <progress id="progress" aria-label="Clips answered" value="0" max="1"></progress>
    </header>
    <main>
      <noscript><p class="notice">This page needs JavaScript.</p></noscript>
      <p id="unsaved" class="notice" role="alert" hidden>This browser keeps no answers for this page:
        download them before you close it.</p>

      <form id="welcome" class="panel" hidden>
        <h1>Which caption fits the music better?</h1>
        <p>You will hear <span id="count"></span>. Under each there are two captions: listen, and
          choose the one that describes the music better, or say that neither does.</p>
        <p class="keys soft"><kbd>Space</kbd> plays and pauses, <kbd>1</kbd> or <kbd>←</kbd> and
          <kbd>2</kbd> or <kbd>→</kbd> choose a caption, <kbd>0</kbd> or <kbd>↓</kbd> neither,
          <kbd>Backspace</kbd> goes back, <kbd>N</kbd> goes on without an answer.</p>
        <p class="soft">Answers are kept in this browser, so you may stop at any time and go on
          later. At the end you download them as a file.</p>
        <label class="field" for="name">Your name</label>
        <input type="text" id="name" required maxlength="80" autocomplete="name">
        <button class="main">Start</button>
      </form>

      <section id="rating" hidden aria-labelledby="question">
        <h1 id="question">Which caption fits the music better?</h1>
        <div class="player">
          <button type="button" id="play" aria-label="Play" title="Play or pause (space)">
            <svg viewBox="0 0 24 24" aria-hidden="true"><path id="icon" d=""/></svg>
          </button>
          <input type="range" id="seek" min="0" max="1" step="any" value="0"
            aria-label="Position in the clip">
          <span id="time" class="soft">0:00</span>
          <audio id="audio" preload="auto"></audio>
        </div>
        <p id="silent" class="notice" role="alert" hidden>This clip can’t be played here.</p>
        <div class="pair">
          <button type="button" class="caption" data-answer="first">
            <span class="label"><kbd>1</kbd> First caption</span><span id="first"></span>
          </button>
          <button type="button" class="caption" data-answer="second">
            <span class="label"><kbd>2</kbd> Second caption</span><span id="second"></span>
          </button>
        </div>
        <button type="button" class="tie" data-answer="tie">
          <kbd>0</kbd> Neither is better</button>
        <div class="row spread">
          <div class="row">
            <button type="button" class="plain" id="back">Back</button>
            <button type="button" class="plain" id="next">Skip</button>
            <label class="row soft"><input type="checkbox" id="autoplay"> Play each clip by itself</label>
          </div>
          <button type="button" class="plain" data-export>Download ratings</button>
        </div>
      </section>

      <section id="done" class="panel" hidden aria-labelledby="thanks">
        <h1 id="thanks" tabindex="-1">Thank you!</h1>
        <p id="summary"></p>
        <p>Download the ratings, and send the file to whoever asked you.</p>
        <div class="row">
          <button type="button" class="main" data-export>Download ratings</button>
          <button type="button" class="plain" id="review">Go back</button>
        </div>
      </section>
    </main>
    """#
}
