import ArgumentParser
import Commands
import MusicCaptioner

/// The metrics, and the files that they need.
struct MetricArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Some of bleu, meteor, rouge, bertscore, diversity, cider, cider_ptb, sacrebleu, separated by "
        + "commas. (default: all but the last two, and bertscore only with --bert-model)",
      valueName: "list"))
  var metrics: String?

  @Option(
    help: ArgumentHelp(
      "For BERTScore, a Hugging Face RoBERTa or BERT folder; the paper uses roberta-large.",
      valueName: "dir"))
  var bertModel: String?

  @Option(
    help: ArgumentHelp(
      "For BERTScore, the layer. (default: RoBERTa 17 of 24, 10 of 12, 5 of 6; BERT 18, 9)",
      valueName: "n"))
  var bertLayer: Int?

  @Flag(help: "For BERTScore, weigh tokens by how few references have them (idf).")
  var bertIdf = false

  @Option(
    help: ArgumentHelp(
      "For METEOR, the folder of WordNet 3.0. (default: /usr/share/wordnet)", valueName: "dir"))
  var wordnet: String?
}
