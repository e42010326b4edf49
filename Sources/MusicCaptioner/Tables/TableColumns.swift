/// Names of columns, by which the rows and the columns of a JSON file are told apart.
enum TableColumns {
  /// Columns that hold one text in each row, never a list.
  static let ofOneText: Set<String> = [
    "audio", "audio_id", "caption", "caption_attribute_prediction", "caption_ground_truth",
    "caption_paraphrase", "caption_summary", "caption_writing", "file_name", "fname", "id", "path",
    "prediction", "predictions", "text", "track_id", "ytid",
  ]

  static let all = ofOneText.union([
    "aspect_list", "captions", "description", "end", "end_s", "extra_tag", "ground_truth",
    "is_audioset_eval", "is_crawled", "keywords", "reference", "references", "split", "start",
    "start_s", "tag", "tag_top188", "tag_top50", "tags", "title", "true_captions",
  ])
}
