// swift-tools-version: 6.0
import PackageDescription

// A package of its own, so that the fuzzer is built only by who runs it; fuzz.sh gives the flags.
let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "MusicCaptioner", path: "../..")],
  targets: [
    .target(name: "CFuzzer"),
    .executableTarget(
      name: "fuzz",
      dependencies: ["CFuzzer", .product(name: "MusicCaptioner", package: "MusicCaptioner")]),
  ],
  swiftLanguageModes: [.v6]
)
