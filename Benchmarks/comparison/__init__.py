"""How MusicCaptioner and its peers are measured side by side."""
