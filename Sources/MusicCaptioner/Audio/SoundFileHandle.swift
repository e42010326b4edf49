import CSndfile
import Foundation
import Synchronization

/// libsndfile's decoder. This is the only file that calls libsndfile, and it owns the decoder's
/// pointer.
final class SoundFileHandle: SoundDecoder {
  let sampleRate: Int
  let channelCount: Int
  let declaredFrameCount: Int?

  private let decoder: OpaquePointer
  private let input: SoundFileInput
  private let openingWarnings: [AudioWarning]
  /// libsndfile keeps the message of a failed opening in global variables. Decoding itself needs no
  /// lock.
  private static let opening = Mutex(())

  struct OpenFailure: Error {
    let problem: SoundFileProblem
  }

  /// Opens by content: libsndfile is given no name that could mislead it.
  ///
  /// - Parameters:
  ///   - declared: The declared frame count, if the decoder isn't shown it.
  ///   - share: The part of the samples that is in the file.
  ///   - warnings: About the header.
  init(
    _ source: SoundSource, declared: Int? = nil, share: Double = 1, warnings: [AudioWarning] = []
  ) throws(OpenFailure) {
    var info = SF_INFO()
    var failure = OpenFailure(problem: .other)
    let input = SoundFileInput(source)
    var callbacks = SoundFileInput.callbacks
    let address: UInt? = Self.opening.withLock { _ in
      let user = Unmanaged.passUnretained(input).toOpaque()
      let decoder = sf_open_virtual(&callbacks, Int32(SFM_READ), &info, user)
      if decoder == nil {
        // Without a decoder, this refers to the process's last failed opening.
        failure = OpenFailure(problem: SoundFileProblem(Self.text(sf_strerror(nil))))
      }
      return decoder.map { UInt(bitPattern: $0) }
    }
    guard let address, let decoder = OpaquePointer(bitPattern: address) else { throw failure }
    // It would recognize MPEG audio by two bytes, and reads only what is like the first frame.
    guard Int(info.format) & SF_FORMAT_TYPEMASK != SF_FORMAT_MPEG else {
      Self.opening.withLock { _ in _ = sf_close(decoder) }
      throw failure
    }
    self.decoder = decoder
    self.input = input
    self.sampleRate = Int(info.samplerate)
    self.channelCount = Int(info.channels)
    // Streams without an end report a count of Int64.max.
    let isKnown = info.frames >= 0 && info.frames < 1 << 48
    self.declaredFrameCount = declared ?? (isKnown ? Int(info.frames) : nil)
    let cut: [AudioWarning]
    if isKnown, share < 1, info.frames > 0, info.samplerate > 0 {
      let seconds = Double(info.frames) / Double(info.samplerate)
      cut = [.cutShort(foundSeconds: seconds, declaredSeconds: seconds / share)]
    } else {
      cut = []
    }
    openingWarnings = warnings + cut
  }

  deinit {
    Self.opening.withLock { _ in _ = sf_close(decoder) }
  }

  func seek(to frame: Int) -> Bool {
    sf_seek(decoder, Int64(frame), Int32(SEEK_SET)) == Int64(frame)
  }

  func read(_ frameCount: Int, into samples: UnsafeMutableBufferPointer<Float>) -> Int {
    guard let base = samples.baseAddress else { return 0 }
    // Don't trust a decoder that reports a negative count or more than it was asked for.
    return max(0, min(frameCount, Int(sf_readf_float(decoder, base, Int64(frameCount)))))
  }

  var warnings: [AudioWarning] {
    let log = Self.log(of: decoder)
    var warnings = openingWarnings
    if log.contains("FLAC__STREAM_DECODER_ERROR_STATUS") {
      warnings.append(.damaged("parts of the FLAC stream can't be decoded and are silent"))
    }
    return warnings
  }

  /// The decoder's log, line by line.
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

/// A file as libsndfile reads it: through functions, so that a descriptor has one owner. (Some
/// versions of libsndfile close a descriptor after a failed opening even if told not to.)
private final class SoundFileInput {
  private let source: SoundSource
  private var position = 0

  init(_ source: SoundSource) { self.source = source }

  static let callbacks = SF_VIRTUAL_IO(
    get_filelen: { Int64(SoundFileInput.of($0)?.source.size ?? 0) },
    seek: { SoundFileInput.of($2)?.seek(Int($0), from: $1) ?? -1 },
    read: { SoundFileInput.of($2)?.read(Int($1), into: $0) ?? 0 },
    write: { _, _, _ in 0 },
    tell: { Int64(SoundFileInput.of($0)?.position ?? 0) })

  private static func of(_ user: UnsafeMutableRawPointer?) -> SoundFileInput? {
    user.map { Unmanaged<SoundFileInput>.fromOpaque($0).takeUnretainedValue() }
  }

  private func seek(_ offset: Int, from origin: Int32) -> Int64 {
    let start = origin == SEEK_CUR ? position : origin == SEEK_END ? source.size : 0
    let (target, isTooLarge) = start.addingReportingOverflow(offset)
    if isTooLarge || target < 0 { return -1 }
    position = target
    return Int64(target)
  }

  private func read(_ count: Int, into buffer: UnsafeMutableRawPointer?) -> Int64 {
    guard count > 0, let buffer else { return 0 }
    let found = source.fill(.init(start: buffer, count: count), at: position)
    position += found
    return Int64(found)
  }
}
