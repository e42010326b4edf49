/// NLTK's model of English sentences, `punkt_tab/english`, trained on newspapers by Jan Strunk and Tibor
/// Kiss (2006), from NLTK's data under the Apache License 2.0.
enum PunktEnglish {
  /// Words that keep their period, without it.
  static let abbreviations = words(
    """
    a.a a.c a.d a.g a.h a.m a.m.e a.s a.t adm ala ariz aug ave b.f b.v bros c c.i.t c.o.m.b c.v
    calif chg cie co col colo conn corp cos ct d d.c d.h d.w dec dr e e.f e.h e.l e.m f f.g f.j feb
    fla fri ft g g.d g.f g.k ga gen h h.c h.f h.m i.m.s ill inc j.b j.c j.j j.k j.p j.r jan jr k kan
    ky l l.a l.f l.p lt ltd m m.b.a m.d.c m.j maj messrs mg mich minn mr mrs ms n n.c n.d n.h n.j
    n.m n.v n.y nev nov oct ok okla ore p p.a.m p.m pa ph.d prof r r.a r.h r.i r.j r.k r.t rep reps
    s s.a s.a.y s.c s.g s.p.a s.s sen sep sept sr st sw t t.j tenn tues u.k u.n u.s u.s.a u.s.s.r v
    va vs vt w w.c w.r w.va w.w wash wed wis yr
    """)

  /// Words that begin a sentence after an abbreviation.
  static let sentenceStarters = words(
    """
    according although among both but despite even he however i if in indeed instead it many
    meanwhile moreover most nevertheless nonetheless nor sales separately similarly since so some
    the there these they this though thus under when while yet
    """)

  /// Pairs of words that the period between them doesn't divide, joined by a slash; "#" is any number.
  static let collocations = words(
    """
    #/abreast #/aes #/business #/cbot #/colgate #/commodities #/cooper #/corrections #/credit
    #/dividend #/financing #/genentech #/henley #/insider #/international #/leisure #/letters
    #/notable #/pay-fone #/pegasus #/pepper #/review #/rj #/wedgestone #/who #/zimmer b/edelman
    b/levine b/smith b/stewart b/wigton i/magnin i/toussie j/aron j/fialka j/walter o/ludcke
    """)

  /// Words that begin sentences in lower case only.
  static let lowerCaseStarters = words("administrators b-week r-revised z-holiday")

  /// Words seen in lower case, and with a capital at the beginning of sentences only.
  static let commonWords = words(in: PackageResources.punkt_common_words_txt)

  /// Words seen in lower case, and also with a capital within a sentence.
  static let wordsAndNames = words(in: PackageResources.punkt_words_and_names_txt)

  /// The words of a file in `Resources`.
  private static func words(in file: [UInt8]) -> Set<String> {
    words(String(decoding: file, as: UTF8.self))
  }

  private static func words(_ list: String) -> Set<String> {
    Set(list.split(whereSeparator: \.isWhitespace).map(String.init))
  }
}
