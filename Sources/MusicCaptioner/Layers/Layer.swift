/// A part of a model: it knows its parameters and the names they have in a checkpoint.
protocol Layer: Sendable {
  /// Visits every parameter once, under the official checkpoint's name.
  func visitParameters(_ visit: ParameterVisitor)
}

/// Walks the parameters of a layer, putting their full names together on the way.
struct ParameterVisitor {
  private let prefix: String
  private let body: (String, Parameter) -> Void

  init(prefix: String = "", _ body: @escaping (String, Parameter) -> Void) {
    self.prefix = prefix
    self.body = body
  }

  func callAsFunction(_ name: String, _ parameter: Parameter) { body(prefix + name, parameter) }

  func callAsFunction(_ name: String, _ layer: some Layer) {
    layer.visitParameters(ParameterVisitor(prefix: prefix + name + ".", body))
  }

  func callAsFunction(_ name: String, _ layers: [some Layer]) {
    for (index, layer) in layers.enumerated() { self("\(name).\(index)", layer) }
  }
}

/// A parameter and its name in a checkpoint.
struct NamedParameter: Sendable {
  let name: String
  let parameter: Parameter
}

extension Layer {
  /// All parameters in the order of the walk.
  var namedParameters: [NamedParameter] {
    var all: [NamedParameter] = []
    visitParameters(ParameterVisitor { all.append(NamedParameter(name: $0, parameter: $1)) })
    return all
  }

  /// Draws first values for all parameters; those of one name and seed are always the same.
  func initialize(seed: UInt64) {
    for named in namedParameters { named.parameter.initialize(seed: seed, name: named.name) }
  }
}
