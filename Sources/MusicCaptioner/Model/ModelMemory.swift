extension CaptionModel {
  /// The bytes that the model and one clip take at least while the clip is encoded, so that sizes which
  /// no machine can hold are refused before anything is allocated.
  var leastBytes: Double {
    let sizes = configuration
    let parameters = namedParameters.reduce(0.0) { $0 + Double($1.parameter.shape.elementCount) }
    var convolved = 0.0
    var time = frameCount
    for (stride, convolution) in zip(sizes.convolutionStrides, frontEnd.convolutions) {
      time = (time - 1) / stride + 1
      convolved = max(convolved, Double(time) * Double(convolution.weight.shape[0]))
    }
    let positions = Double(sizes.positionCount(frames: frameCount))
    let rows = positions * Double(4 * sizes.width + sizes.encoderInnerWidth)
    let weights = positions * positions * Double(sizes.encoderHeadCount)
    let logMel = Double(frameCount) * Double(melCount)
    let numbers = parameters + logMel + max(convolved, rows + weights)
    return numbers * Double(MemoryLayout<Float>.stride)
  }

  /// - Throws: `ModelError` where this machine can't hold the model and a clip.
  func checkMemory(limit: Int = SystemMemory.limit, source: String) throws(ModelError) {
    let need = leastBytes
    if need > Double(limit) {
      throw ModelError(.tooLarge(bytes: need, limit: Double(limit)), file: source)
    }
  }
}
