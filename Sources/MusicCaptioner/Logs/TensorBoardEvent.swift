/// The part of TensorFlow's `Event` message (tensorflow/core/util/event.proto and
/// tensorflow/core/framework/summary.proto) that a training run writes.
struct TensorBoardEvent: Sendable, Equatable {
  enum Content: Sendable, Equatable {
    /// The first event of every file.
    case fileVersion
    /// The run resumes from this step: readers drop later steps in earlier files.
    case restart
    case summaries([TensorBoardSummary])
  }

  /// Seconds since 1970.
  var wallTime: Double
  var step: Int
  var content: Content

  /// The message as a record of an event file: its length and the message, each with a checksum.
  var record: [UInt8] {
    let data = message
    var length = ProtobufMessage()
    length.append(UInt64(data.count))
    var record = length
    record.append(CRC32C.masked(length.bytes))
    record.bytes += data
    record.append(CRC32C.masked(data))
    return record.bytes
  }

  private var message: [UInt8] {
    var event = ProtobufMessage()
    event.set(1, wallTime)
    event.set(2, step)
    switch content {
    case .fileVersion:
      event.set(3, "brain.Event:2")
    case .restart:
      event.set(7) { $0.set(1, 1) }  // SessionLog.status = START
    case .summaries(let summaries):
      event.set(5) { summary in
        for value in summaries { summary.set(1, value.write) }
      }
    }
    return event.bytes
  }
}

/// A number or a text with a tag.
struct TensorBoardSummary: Sendable, Equatable {
  enum Value: Sendable, Equatable {
    case scalar(Float)
    /// Markdown.
    case text(String)
  }

  var tag: String
  var value: Value

  fileprivate func write(_ message: inout ProtobufMessage) {
    message.set(1, tag)
    switch value {
    case .scalar(let number):
      message.set(2, number)
    case .text(let text):
      message.set(8) { tensor in
        tensor.set(1, 7)  // dtype = DT_STRING
        tensor.set(2) { shape in
          shape.set(2) { $0.set(1, 1) }  // dim.size
        }
        tensor.set(8, text)
      }
      message.set(9) { metadata in
        metadata.set(1) { $0.set(1, "text") }  // plugin_data.plugin_name
      }
    }
  }
}

/// Writes a protocol buffer by hand: fields in the order of the calls, with their numbers in the
/// `.proto` file. https://protobuf.dev/programming-guides/encoding/
private struct ProtobufMessage {
  var bytes: [UInt8] = []

  mutating func set(_ field: UInt64, _ value: Double) {
    appendVarint(field << 3 | 1)
    append(value.bitPattern)
  }

  mutating func set(_ field: UInt64, _ value: Float) {
    appendVarint(field << 3 | 5)
    append(value.bitPattern)
  }

  /// As in proto3, 0 is not written.
  mutating func set(_ field: UInt64, _ value: Int) {
    if value == 0 { return }
    appendVarint(field << 3)
    appendVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func set(_ field: UInt64, _ value: String) { set(field, Array(value.utf8)) }

  mutating func set(_ field: UInt64, _ write: (inout ProtobufMessage) -> Void) {
    var message = ProtobufMessage()
    write(&message)
    set(field, message.bytes)
  }

  private mutating func set(_ field: UInt64, _ value: [UInt8]) {
    appendVarint(field << 3 | 2)
    appendVarint(UInt64(value.count))
    bytes += value
  }

  /// Little-endian.
  mutating func append(_ value: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

extension CRC32C {
  /// TFRecord's masking, for records that may contain checksums themselves: rotated and offset.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let crc = of(bytes)
    return (crc >> 15 | crc << 17) &+ 0xa282_ead8
  }
}
