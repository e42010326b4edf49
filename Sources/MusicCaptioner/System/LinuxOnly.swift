// Signals, descriptors and memory are used as Linux has them.
#if !os(Linux)
  #error("MusicCaptioner runs on Linux only. On macOS or Windows, use a Linux container or WSL 2.")
#endif
