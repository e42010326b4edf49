/// Words that keep their period in Stanford's tokenizer.
enum PTBAbbreviations {
  static let always = Set(
    """
    adj adm adv al ala alex ariz assn assoc aug ave bancorp bldg blvd bros calif capt cf cie cmdr co col colo
    conn corp cos cpl ct dec dept dr elec esq est etc ext feb fla fri ft ga gen gov hon inc ind insp intl
    jan jr jul jun kan ky lt ltd maj mar md messrs mfg mich minn miss mlle mme mo mon mont mr mrs ms msgr mt mtg
    natl neb nev nov oct okla penn pfc ph plc pres prof pty pvt rd rep reps rev rt sen sep sept sgt spc
    sq sr st ste supt sys tel tenn thu thurs treas tue tues univ va vs vt wash wed wis wyo atty brig apr
    """.split(whereSeparator: \.isWhitespace).map(String.init))

  static let beforeNumbers: Set<String> = [
    "art", "ca", "fig", "figs", "no", "nos", "op", "pp", "prop",
  ]

  /// Words that begin a sentence: a single letter before them ends the sentence before.
  static let starters = Set(
    """
    A About According Additionally After An As At But Earlier He Her Here However If In It Last Many More Mr Ms Now
    Once One Other Our She Since So Some Such That The Their Then There These They This We What When While Yet You
    """.split(whereSeparator: \.isWhitespace).map(String.init))
}
