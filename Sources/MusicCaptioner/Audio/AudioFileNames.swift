/// The names that audio files have, for everything that looks for them in a folder. A file that is named may have any
/// name: its content decides.
package enum AudioFileNames {
  /// Endings, in small letters, of formats that are decoded here.
  private static let decoded: Set<String> = [
    "8svx", "aif", "aifc", "aiff", "au", "avr", "bwf", "caf", "flac", "iff", "m1a", "m2a", "mp1",
    "mp2", "mp3", "mpga", "nist", "oga", "ogg", "opus", "paf", "pvf", "rf64", "sds", "snd", "sph",
    "voc", "w64", "wav", "wave",
  ]
  /// Of formats that need ffmpeg. A folder's are not passed over where there is none: they are errors that name it.
  private static let converted: Set<String> = [
    "3g2", "3gp", "aac", "ac3", "adts", "alac", "amr", "ape", "asf", "avi", "awb", "dff", "dsf",
    "dts",
    "eac3", "flv", "m4a", "m4b", "m4r", "m4v", "mka", "mkv", "mov", "mp4", "mpc", "mpeg", "mpg",
    "ogv",
    "ogx", "ra", "rm", "shn", "spx", "tak", "tta", "weba", "webm", "wma", "wmv", "wv",
  ]
  /// Of samples as NumPy saves them.
  private static let array = "npy"

  /// Where a clip has several files, the one to take is that of the lowest rank; nil for no audio.
  package static func rank(_ name: String) -> Int? {
    let ending = PathName.ending(name)
    if decoded.contains(ending) { return 0 }
    if converted.contains(ending) { return 1 }
    return ending == array ? 2 : nil
  }

  /// The files of a folder to caption: those with the ending of a sound, and arrays without a sound of their name, whose
  /// features they could be.
  package static func sounds(among names: [String]) -> Set<String> {
    let ranks = names.map { ($0, rank: rank($0)) }
    let sounds = ranks.filter { $0.rank ?? 2 < 2 }.map(\.0)
    let taken = Set(sounds.map(PathName.stem))
    let arrays = ranks.filter { $0.rank == 2 && !taken.contains(PathName.stem($0.0)) }.map(\.0)
    return Set(sounds + arrays)
  }
}
