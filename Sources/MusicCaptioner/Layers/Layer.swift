/// A part of a model: it knows its parameters and the names they have in a checkpoint.
public protocol Layer: Sendable {
  /// Visits every parameter once, under the official checkpoint's name.
  func visitParameters(_ visit: ParameterVisitor)
}

/// Walks the parameters of a layer, putting their full names together on the way.
public struct ParameterVisitor {
  private let prefix: String
  private let body: (String, Parameter) -> Void

  /// - Parameter body: Is given each parameter and its full name.
  public init(_ body: @escaping (_ name: String, _ parameter: Parameter) -> Void) {
    self.init(prefix: "", body)
  }

  private init(prefix: String, _ body: @escaping (String, Parameter) -> Void) {
    self.prefix = prefix
    self.body = body
  }

  public func callAsFunction(_ name: String, _ parameter: Parameter) {
    body(prefix + name, parameter)
  }

  public func callAsFunction(_ name: String, _ layer: some Layer) {
    layer.visitParameters(ParameterVisitor(prefix: prefix + name + ".", body))
  }

  public func callAsFunction(_ name: String, _ layers: [some Layer]) {
    for (index, layer) in layers.enumerated() { self("\(name).\(index)", layer) }
  }
}

/// A parameter and its name in a checkpoint.
package struct NamedParameter: Sendable {
  package let name: String
  package let parameter: Parameter
}

extension Layer {
  /// All parameters in the order of the walk.
  package var namedParameters: [NamedParameter] {
    var all: [NamedParameter] = []
    visitParameters(ParameterVisitor { all.append(NamedParameter(name: $0, parameter: $1)) })
    return all
  }

  /// Draws first values for all parameters; those of one name and seed are always the same.
  public func initialize(seed: UInt64) {
    for named in namedParameters { named.parameter.initialize(seed: seed, name: named.name) }
  }
}
