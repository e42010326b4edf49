import CSndfile
import Foundation
import Synchronization

/// libsndfile's decoder, and the file descriptor that it reads from.
///
/// This is the only file that calls libsndfile, and it owns the decoder's pointer.
final class SoundFileHandle {
  let sampleRate: Int
  let channelCount: Int
  /// The number of frames (one sample of each channel); nil if the container doesn't declare it.
  let declaredFrameCount: Int?

  /// How far before the requested place a decoder has to start to give exact samples from there on.
  ///
  /// Ogg: libsndfile is off by a few milliseconds after seeking into a stream's last page, so the
  /// start must lie before that page. MP3: the first frames after a seek lack bits that earlier
  /// frames stored for them, which mpg123 reports on standard error. Half a minute also means that
  /// the common 30-second previews need no seeking.
  let leadSeconds: Int

  private let decoder: OpaquePointer
  /// libsndfile keeps the message of a failed opening, and its MPEG decoder a count of users, in
  /// global variables. Decoding itself needs no lock.
  private static let opening = Mutex(())

  struct OpenFailure: Error {
    let message: String
    let log: String
  }

  /// Opens by content: a descriptor has no name that could mislead libsndfile.
  ///
  /// Takes ownership of the descriptor, and has closed it if this throws. Some versions of
  /// libsndfile close it after a failed opening even if told not to. A second close would hit
  /// whatever file another thread has opened since, so only libsndfile ever closes it.
  init(descriptor: Int32) throws(OpenFailure) {
    var info = SF_INFO()
    var failure = OpenFailure(message: "", log: "")
    let address: UInt? = Self.opening.withLock { _ in
      let decoder = sf_open_fd(descriptor, Int32(SFM_READ), &info, 1)
      if decoder == nil {
        // Without a decoder, these refer to the process's last failed opening.
        failure = OpenFailure(message: Self.text(sf_strerror(nil)), log: Self.log(of: nil))
      }
      return decoder.map { UInt(bitPattern: $0) }
    }
    guard let address, let decoder = OpaquePointer(bitPattern: address) else { throw failure }
    self.decoder = decoder
    self.sampleRate = Int(info.samplerate)
    self.channelCount = Int(info.channels)
    switch Int(info.format) & SF_FORMAT_TYPEMASK {
    case SF_FORMAT_OGG: leadSeconds = 5
    case SF_FORMAT_MPEG: leadSeconds = 30
    default: leadSeconds = 0
    }
    // Ogg streams without an end report a count of Int64.max.
    self.declaredFrameCount = info.frames >= 0 && info.frames < 1 << 48 ? Int(info.frames) : nil
  }

  deinit {
    Self.opening.withLock { _ in _ = sf_close(decoder) }
  }

  /// Seeks to a frame; false if the decoder didn't get there.
  func seek(to frame: Int) -> Bool {
    sf_seek(decoder, Int64(frame), Int32(SEEK_SET)) == Int64(frame)
  }

  /// Decodes up to `frameCount` frames of interleaved samples and returns the number decoded.
  func read(_ frameCount: Int, into samples: UnsafeMutablePointer<Float>) -> Int {
    // Don't trust a decoder that reports a negative count or more than it was asked for.
    max(0, min(frameCount, Int(sf_readf_float(decoder, samples, Int64(frameCount)))))
  }

  /// The decoder's log, line by line.
  var log: String { Self.log(of: decoder) }

  private static func log(of decoder: OpaquePointer?) -> String {
    var bytes = [UInt8](repeating: 0, count: 16 << 10)
    let count = bytes.withUnsafeMutableBytes {
      sf_command(decoder, Int32(SFC_GET_LOG_INFO), $0.baseAddress, Int32($0.count))
    }
    return String(decoding: bytes.prefix(max(0, Int(count))).prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? "unknown error"
  }
}
