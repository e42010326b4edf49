/// Converts a Swift property to its key in YAML and JSON: words of `camelCase` are joined by `_`,
/// and a run of capitals is one word: `layerCount` → `layer_count`, `useFFTPlan` → `use_fft_plan`.
/// Digits stay where they are (`beta1`), and a name already in that form is unchanged.
func configurationKey(forProperty name: String) -> String {
  let scalars = Array(name.unicodeScalars)
  var key = String.UnicodeScalarView()
  for (index, scalar) in scalars.enumerated() {
    guard scalar.properties.isUppercase else {
      key.append(scalar)
      continue
    }
    let previous = index > 0 ? scalars[index - 1] : nil
    let next = index + 1 < scalars.count ? scalars[index + 1] : nil
    if let previous, previous != "_",
      !previous.properties.isUppercase || next?.properties.isLowercase == true
    {
      key.append("_")
    }
    key.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
  }
  return String(key)
}

/// A key path as users write it: `data.train.0.split`.
func dottedPath(_ components: [String]) -> String { components.joined(separator: ".") }
