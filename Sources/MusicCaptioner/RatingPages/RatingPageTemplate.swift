import Foundation

/// The HTML of a rating page, put together from the files in `Resources`.
///
/// SwiftPM compiles these files into the binary, so the page needs no file at run time. The HTML has
/// three views, and the script shows one at a time. The script reads the element `#page` (JSON: page,
/// key, items) and, for audio that is embedded in the page, `#audio-N` (base64); it calls no server.
/// `{{name}}` in the HTML is a placeholder.
struct RatingPageTemplate {
  /// Everything before the data.
  let head: String
  /// Everything after the data.
  let tail: String

  /// - Parameter mediaSources: Where the page may load audio from, as in a Content-Security-Policy. It
  ///   may load nothing else.
  init(mediaSources: String) {
    let values = [
      "media-sources": mediaSources,
      "style": Self.text(PackageResources.rating_page_css),
      "script": Self.text(PackageResources.rating_page_js),
    ]
    let html = Self.text(PackageResources.rating_page_html) + "\n"
    let parts = html.components(separatedBy: "{{data}}\n").map { Self.filled($0, with: values) }
    precondition(parts.count == 2, "rating-page.html needs one line {{data}}")
    (head, tail) = (parts[0], parts[1])
  }

  /// A file's text without the newline at its end.
  private static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  private static func filled(_ html: String, with values: [String: String]) -> String {
    values.reduce(html) { $0.replacing("{{\($1.key)}}", with: $1.value) }
  }
}
