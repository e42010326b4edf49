// swift-tools-version: 6.0
import PackageDescription

/// A system library that Debian packages; SwiftPM names the package where it is missing.
func system(_ name: String, pkgConfig: String, debian package: String) -> Target {
  .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

func command(_ name: String) -> Target {
  .executableTarget(
    name: name,
    dependencies: [
      "CCommand", "Commands", "MusicCaptioner",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ])
}

let package = Package(
  name: "MusicCaptioner",
  products: [
    .library(name: "MusicCaptioner", targets: ["MusicCaptioner"]),
    .executable(name: "train", targets: ["train"]),
    .executable(name: "caption", targets: ["caption"]),
    .executable(name: "evaluate", targets: ["evaluate"]),
    .executable(name: "pseudocaption", targets: ["pseudocaption"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    system("CSndfile", pkgConfig: "sndfile", debian: "libsndfile1-dev"),
    system("CFLAC", pkgConfig: "flac", debian: "libflac-dev"),
    system("CMpg123", pkgConfig: "libmpg123", debian: "libmpg123-dev"),
    system("CVorbis", pkgConfig: "vorbis", debian: "libvorbis-dev"),
    system("COpus", pkgConfig: "opus", debian: "libopus-dev"),
    system("CFFTW", pkgConfig: "fftw3f", debian: "libfftw3-dev"),
    system("CSoxr", pkgConfig: "soxr", debian: "libsoxr-dev"),
    .target(name: "CCommand"),
    .target(
      name: "CCompression",
      linkerSettings: [.linkedLibrary("z"), .linkedLibrary("zstd"), .linkedLibrary("snappy")]),
    .target(name: "CKernels"),
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "COpenBLAS", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .target(
      name: "MusicCaptioner",
      dependencies: [
        "CCompression", "CCurl", "CKernels", "COneDNN", "COpenBLAS", "CSndfile", "CFLAC", "CMpg123",
        "CVorbis", "COpus", "CFFTW", "CSoxr", "Yams",
      ],
      // Compiled into the binary, so that there is no file beside it at run time.
      resources: [
        .embedInCode("Evaluation/Resources"), .embedInCode("RatingPages/Resources"),
      ]),
    .target(
      name: "Commands",
      dependencies: [
        "MusicCaptioner", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    command("train"),
    command("caption"),
    command("evaluate"),
    command("pseudocaption"),
    .testTarget(name: "LibraryTests", dependencies: ["MusicCaptioner"], packageAccess: false),
    .testTarget(name: "MusicCaptionerTests", dependencies: ["Commands", "MusicCaptioner"], exclude: ["Fixtures"]),
  ],
  swiftLanguageModes: [.v6]
)
