/// The mean and the standard deviation of each channel over a clip's time: √(variance + floor).
///
/// Gradient: with n frames and standard deviation s, dx = (dmean + dstd·(x − mean)/s) / n.
///
/// - Parameter x: `[batch, time + 2, channels]`, first and last rows of each clip padding, not counted
/// - Returns: `[batch, 2 · channels]`, means before standard deviations
func summarizeOverTime(_ x: Variable, floor: Float = 1e-4) -> Variable {
  let (batch, time, channels) = (x.shape[0], x.shape[1] - 2, x.shape[2])
  let y = Tensor(zeros: [batch, 2 * channels])
  WorkPool.shared.forEach(batch) { clip in
    let mean = y.freshPointer + clip * 2 * channels
    let std = mean + channels
    let first = x.value.readPointer + (clip * (time + 2) + 1) * channels
    for row in 0..<time {
      for channel in 0..<channels { mean[channel] += first[row * channels + channel] }
    }
    for channel in 0..<channels { mean[channel] /= Float(time) }
    for row in 0..<time {
      for channel in 0..<channels {
        let distance = first[row * channels + channel] - mean[channel]
        std[channel] += distance * distance
      }
    }
    for channel in 0..<channels {
      std[channel] = (std[channel] / Float(time) + floor).squareRoot()
    }
  }
  return Variable(y, from: [x]) { [x = x.value] dy in
    let dx = Tensor(zeros: x.shape)
    WorkPool.shared.forEach(batch) { clip in
      let mean = y.readPointer + clip * 2 * channels
      let gradient = dy.readPointer + clip * 2 * channels
      let offset = (clip * (time + 2) + 1) * channels
      for row in 0..<time {
        for channel in 0..<channels {
          let index = offset + row * channels + channel
          let distance = (x.readPointer[index] - mean[channel]) / mean[channels + channel]
          dx.freshPointer[index] =
            (gradient[channel] + gradient[channels + channel] * distance) / Float(time)
        }
      }
    }
    return [dx]
  }
}

/// (x − mean) / std by column, with constants. Gradient: dx = dy / std.
///
/// - Parameter x: `[rows, width]`
func standardize(_ x: Variable, mean: Tensor, std: Tensor) -> Variable {
  let width = x.value.width
  precondition(mean.count == width && std.count == width)
  func divided(_ source: Tensor, subtracting: Tensor?) -> Tensor {
    let y = Tensor(uninitialized: source.shape)
    for index in 0..<source.count {
      let column = index % width
      y.freshPointer[index] =
        (source.readPointer[index] - (subtracting?.readPointer[column] ?? 0))
        / std.readPointer[column]
    }
    return y
  }
  return Variable(divided(x.value, subtracting: mean), from: [x]) { dy in
    [divided(dy, subtracting: nil)]
  }
}

/// Appends one more row to each clip's rows. Gradient: each row's own part of dy.
///
/// - Parameters:
///   - rows: `[batch · time, model]`
///   - last: `[batch, model]`
/// - Returns: `[batch · (time + 1), model]`
func appendRow(_ last: Variable, toEachClipOf rows: Variable) -> Variable {
  let (batch, width) = (last.value.rowCount, rows.value.width)
  let size = rows.value.count / max(1, batch)
  let y = Tensor(uninitialized: [rows.value.rowCount + batch, width])
  for clip in 0..<batch {
    let target = y.freshPointer + clip * (size + width)
    target.update(from: rows.value.readPointer + clip * size, count: size)
    (target + size).update(from: last.value.readPointer + clip * width, count: width)
  }
  return Variable(y, from: [rows, last]) { dy in
    let drows = Tensor(uninitialized: [batch * size / width, width])
    let dlast = Tensor(uninitialized: [batch, width])
    for clip in 0..<batch {
      let source = dy.readPointer + clip * (size + width)
      (drows.freshPointer + clip * size).update(from: source, count: size)
      (dlast.freshPointer + clip * width).update(from: source + size, count: width)
    }
    return [drows, dlast]
  }
}
