import Glibc

/// The sanitizer that the tests run under, if any (`Tests/Sanitizers`).
enum Sanitizer {
  /// It can't live with limits on the size of files, and has libgomp begin twice.
  static let isForThreads = dlsym(nil, "__tsan_init") != nil
  /// Either reserves more addresses than any limit leaves.
  static let reservesAddresses = isForThreads || dlsym(nil, "__asan_init") != nil
}
