import Testing

@testable import MusicCaptioner

@Suite struct TensorTests {
  @Test func copiesShareMemoryUntilOneIsWrittenTo() {
    let a = Tensor([2, 2], [1, 2, 3, 4])
    var b = a
    #expect(a.readPointer == b.readPointer)
    b.withUnsafeMutableBufferPointer { $0[0] = 9 }
    #expect(a.values == [1, 2, 3, 4])
    #expect(b.values == [9, 2, 3, 4])
  }

  @Test func aTensorThatIsHeldAloneIsWrittenInPlace() {
    var a = Tensor(zeros: [3])
    let before = a.readPointer
    a.withUnsafeMutableBufferPointer { $0[1] = 1 }
    #expect(a.readPointer == before)
  }

  @Test func rowsAreAViewAndWritingToThemSparesTheWhole() {
    let whole = Tensor([3, 2], [1, 2, 3, 4, 5, 6])
    var middle = whole.rows(1..<3)
    #expect(middle.shape == [2, 2])
    #expect(middle.values == [3, 4, 5, 6])
    #expect(middle.readPointer == whole.readPointer + 2)
    middle.withUnsafeMutableBufferPointer { $0[0] = 0 }
    #expect(whole.values == [1, 2, 3, 4, 5, 6])
  }

  @Test func emptyTensorsAreTensors() {
    let empty = Tensor(zeros: [0, 5])
    #expect(empty.values.isEmpty)
    #expect(product(empty, Tensor(zeros: [5, 2])).shape == [0, 2])
    #expect(Kernels.columnSum(empty).values == [0, 0, 0, 0, 0])
  }

  @Test func hostileShapesHaveNoElementCount() {
    #expect([2, 3].checkedElementCount == 6)
    #expect([Int.max, 2].checkedElementCount == nil)
    #expect([-1, 2].checkedElementCount == nil)
  }

  @Test func identityIsOfShapeAndBits() {
    let a = Tensor([2], [0, 1])
    #expect(a.isIdentical(to: Tensor([2], [0, 1])))
    #expect(!a.isIdentical(to: Tensor([2], [-0.0, 1])))
    #expect(!a.isIdentical(to: Tensor([1, 2], [0, 1])))
  }

  @Test func buffersComeBackFromThePoolAndAreAligned() {
    var address: UInt = 0
    do {
      let tensor = Tensor(uninitialized: [100_003])
      address = UInt(bitPattern: tensor.readPointer)
      #expect(address % 64 == 0)
    }
    // Other tests use the pool at the same time, so the same buffer may be on loan; capacities
    // are what makes two sizes share one.
    #expect(BufferPool.capacity(for: 100_003) == BufferPool.capacity(for: 100_100))
    #expect(BufferPool.capacity(for: 100_003) >= 100_003)
    #expect(BufferPool.capacity(for: 1) == 64)
    for count in 1...5_000 { #expect(BufferPool.capacity(for: count) >= count) }
  }

  @Test(arguments: [(3, 5, 7), (64, 64, 64), (300, 40, 129), (33, 700, 60)])
  func productsEqualSumsInDouble(_ m: Int, _ n: Int, _ k: Int) {
    let left = randomTensor([m, k], seed: 1)
    let right = randomTensor([k, n], seed: 2)
    let expected = (0..<m * n).map { index -> Double in
      let (row, column) = (index / n, index % n)
      return (0..<k).reduce(0) { sum, i in
        sum + Double(left.values(at: row * k + i)) * Double(right.values(at: i * n + column))
      }
    }
    for (y, name) in [
      (product(left, right), "neither"),
      (product(transpose(left), right, transposing: .left), "left"),
      (product(left, transpose(right), transposing: .right), "right"),
    ] {
      let error = zip(y.values, expected).map { abs(Double($0) - $1) }.max() ?? 0
      // k products of size about 1, each rounded to 2⁻²⁴, and their sums.
      #expect(error < 1e-6 * Double(k), "\(name): \(error)")
    }
  }
}

extension Tensor {
  fileprivate func values(at index: Int) -> Float { readPointer[index] }
}

@Suite struct RandomSourceTests {
  @Test func numbersDependOnSeedNameAndIndexOnly() {
    func first(_ seed: UInt64, _ stream: String, _ index: UInt64) -> UInt64 {
      var source = RandomSource(seed: seed, stream: stream, index: index)
      return source.next()
    }
    #expect(first(1, "a", 2) == first(1, "a", 2))
    let different = [first(1, "a", 2), first(2, "a", 2), first(1, "b", 2), first(1, "a", 3)]
    #expect(Set(different).count == 4)
  }

  @Test func normalNumbersHaveTheirMoments() {
    var source = RandomSource(seed: 7, stream: "moments")
    let normals = (0..<20_000).map { _ in Double(source.normal()) }
    let mean = normals.reduce(0, +) / 20_000
    let variance = normals.reduce(0) { $0 + $1 * $1 } / 20_000 - mean * mean
    #expect(abs(mean) < 0.03)  // Four standard errors.
    #expect(abs(variance - 1) < 0.04)
  }

  @Test func uniformStaysBelowOne() {
    var source = RandomSource(seed: 3, stream: "uniform")
    let values = (0..<10_000).map { _ in source.uniform() }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(values.reduce(0, +) / 10_000 - 0.5) < 0.012)
  }
}
