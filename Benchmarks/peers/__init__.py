"""What MusicCaptioner is measured against: the same work in PyTorch, CTranslate2 and tokenizers."""
