import Synchronization

/// How a parameter starts out in a model that has not been trained.
public enum Initialization: Sendable, Equatable {
  case constant(Float)
  /// The normal distribution around 0 with this standard deviation; `zeroRow` of the first axis is zeroed (a padding token's).
  case normal(std: Float, zeroRow: Int? = nil)
  /// Uniform within ±bound.
  case uniform(bound: Float)
  /// The identity matrix.
  case identity
  /// Whisper's sinusoids, `[time, model]`.
  case sinusoids
}

/// A tensor that a model owns: trained (with a gradient), or a constant kept with it.
///
/// The only class among the layers. What it holds is guarded, so that layers can be sent between
/// tasks; training one model from two tasks at once is still a mistake.
public final class Parameter: Sendable {
  private struct State {
    var value: Tensor?
    var gradient: Tensor?
    /// Of the value, in the precision last asked for.
    var packed: PackedWeight?
  }

  /// The value's shape.
  public let shape: Shape
  /// Whether training changes it.
  public let isTrained: Bool
  public let initialization: Initialization
  private let state = Mutex(State())

  public init(_ shape: Shape, _ initialization: Initialization, isTrained: Bool = true) {
    self.shape = shape
    self.initialization = initialization
    self.isTrained = isTrained
  }

  /// The current value; unset between construction and initialization or loading.
  public var value: Tensor {
    get {
      guard let value = state.withLock({ $0.value }) else {
        preconditionFailure("a parameter of shape \(shape) is used before it has a value")
      }
      return value
    }
    set {
      precondition(newValue.shape == shape, "\(newValue.shape) for a parameter of \(shape)")
      state.withLock {
        $0.value = newValue
        $0.packed = nil
      }
    }
  }

  /// The gradient of the passes since it was last cleared.
  public var gradient: Tensor? { state.withLock { $0.gradient } }

  public func addGradient(_ contribution: Tensor) {
    state.withLock { state in
      guard var sum = state.gradient else {
        state.gradient = contribution
        return
      }
      state.gradient = nil
      Kernels.accumulate(&sum, contribution)
      state.gradient = sum
    }
  }

  public func clearGradient() { state.withLock { $0.gradient = nil } }

  /// Changes the value in place, given the gradient.
  public func update(_ body: (_ value: inout Tensor, _ gradient: Tensor) -> Void) {
    state.withLock { state in
      guard var value = state.value, let gradient = state.gradient else { return }
      state.value = nil
      state.packed = nil
      body(&value, gradient)
      state.value = value
    }
  }

  /// The value as a weight of products that aren't recorded. Narrow numbers are packed when they are
  /// first asked for, and kept until the value changes.
  func packed(in precision: ComputePrecision) -> PackedWeight {
    let value = value
    guard precision != .float32 else { return PackedWeight(value, .float32) }
    return state.withLock { state in
      if let packed = state.packed, packed.precision == precision { return packed }
      let packed = PackedWeight(value, precision)
      state.packed = packed
      return packed
    }
  }

  /// Draws the first value, from numbers that depend on the seed and the name alone.
  public func initialize(seed: UInt64, name: String) {
    var random = RandomSource(seed: seed, stream: "initialize \(name)")
    var value = Tensor(zeros: shape)
    value.withUnsafeMutableBufferPointer { elements in
      switch initialization {
      case .constant(let constant):
        elements.update(repeating: constant)
      case .normal(let std, let zeroRow):
        for index in elements.indices { elements[index] = std * random.normal() }
        if let zeroRow {
          let width = shape.last ?? 1
          for index in zeroRow * width..<(zeroRow + 1) * width { elements[index] = 0 }
        }
      case .uniform(let bound):
        for index in elements.indices { elements[index] = random.uniform(in: -bound...bound) }
      case .identity:
        for row in 0..<shape[0] { elements[row * shape[1] + row] = 1 }
      case .sinusoids:
        _ = elements.update(fromContentsOf: sinusoids(length: shape[0], width: shape[1]))
      }
    }
    self.value = value
  }
}
