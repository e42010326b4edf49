@testable import MusicCaptioner

/// Parameters that belong to no layer, as one.
struct LooseParameters: Layer {
  let parameters: [NamedParameter]

  init(_ parameters: [NamedParameter]) { self.parameters = parameters }

  func visitParameters(_ visit: ParameterVisitor) {
    for named in parameters { visit(named.name, named.parameter) }
  }
}
