import MusicCaptioner

/// What options are called in Whisper, Hugging Face's and PyTorch's tools, for the answer to somebody who writes them here.
/// They are not accepted: each option has one name.
enum OptionSynonyms {
  /// What to say about an unknown option of this name, which is without dashes; nil if nothing is near.
  ///
  /// - Parameter options: The command's own.
  static func hint(for name: String, among options: Set<String>) -> String? {
    let plain = name.lowercased().replacing("-", with: "_")
    if let remark = remarks.first(where: { $0.names.contains(plain) }) { return remark.words }
    return suggestion(for: plain, among: options).map { "did you mean \($0)?" }
  }

  private static func suggestion(for name: String, among options: Set<String>) -> String? {
    let same = "--" + name.replacing("_", with: "-")
    if options.contains(same) { return same }
    if let entry = table.first(where: { options.contains($0.option) && $0.names.contains(name) }) {
      return entry.option
    }
    if options.isSuperset(of: ["--set", "--resume"]),
      let setting = settings.first(where: { $0.names.contains(name) })
    {
      return "--set \(setting.key)=\(setting.value)"
    }
    return nearestName(to: name, among: options.map { String($0.dropFirst(2)) }.sorted())
      .map { "--\($0)" }
  }

  private static let remarks: [(names: Set<String>, words: String)] = [
    (["cpu", "cuda", "device", "gpu", "gpus"], "all work is done on the CPU"),
    (["language"], "captions are in the language that the model has learned"),
    (["task"], "the only task is captioning"),
    (["word_timestamps"], "each caption has the start and end of its chunk"),
    (["log_level", "quiet", "silent", "verbose"], "messages go to standard error"),
  ]

  private static let table: [(option: String, names: Set<String>)] = [
    ("--audio", ["audio_dir", "audio_folder"]),
    ("--batch-size", ["b", "batch", "bs", "per_device_eval_batch_size"]),
    ("--beam-width", ["beam", "beam_size", "beams", "n_beams", "num_beams"]),
    ("--best", ["best_of", "n_best", "num_return_sequences"]),
    ("--concurrency", ["j", "jobs", "num_workers", "parallel", "workers"]),
    ("--config", ["c", "cfg", "conf", "config_file", "config_path"]),
    ("--endpoint", ["api_base", "base_url", "server", "url"]),
    ("--format", ["f", "output_format"]),
    ("--max-length", ["max_len", "max_new_tokens", "max_tokens"]),
    ("--metrics", ["metric"]),
    ("--min-length", ["min_len", "min_new_tokens"]),
    (
      "--model",
      ["checkpoint", "ckpt", "m", "model_dir", "model_name_or_path", "model_path", "weights"]
    ),
    ("--no-repeat-ngram", ["no_repeat_ngram_size"]),
    ("--output-dir", ["out_dir", "outdir", "output_directory", "output_folder", "save_dir"]),
    (
      "--output",
      ["o", "out", "out_dir", "outdir", "outfile", "output_dir", "output_file", "save_dir"]
    ),
    ("--precision", ["bf16", "compute_type", "dtype", "fp16", "half", "torch_dtype"]),
    ("--recursive", ["r"]),
    ("--references", ["ground_truth", "gt", "ref", "refs"]),
    ("--resume", ["resume_from_checkpoint"]),
    ("--sample", ["do_sample"]),
    ("--threads", ["j", "jobs", "num_threads", "num_workers", "t", "workers"]),
    ("--tokenizer", ["tokenizer_name", "tokenizer_path", "vocab"]),
    ("--version", ["v"]),
  ]

  /// Options of training scripts that are keys of a configuration here.
  private static let settings: [(key: String, value: String, names: Set<String>)] = [
    ("initialize", "MODEL", ["init_from", "pretrained"]),
    ("seed", "N", ["seed"]),
    ("training.batch_size", "N", ["b", "batch_size", "bs", "per_device_train_batch_size"]),
    (
      "training.epochs", "N",
      ["epochs", "max_epochs", "n_epochs", "num_epochs", "num_train_epochs"]
    ),
    (
      "training.gradient_accumulation_steps", "N",
      ["accumulate_grad_batches", "gradient_accumulation_steps"]
    ),
    ("training.label_smoothing", "X", ["label_smoothing"]),
    ("training.learning_rate", "X", ["learning_rate", "lr"]),
    ("training.maximum_steps", "N", ["max_steps"]),
    ("training.precision", "bfloat16", ["bf16", "fp16", "precision"]),
    ("training.warmup_epochs", "N", ["warmup", "warmup_epochs"]),
    ("training.weight_decay", "X", ["wd", "weight_decay"]),
  ]
}
