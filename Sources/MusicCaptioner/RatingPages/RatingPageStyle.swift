/// The look of a rating page: one column, large enough for thumbs, in light and dark.
enum RatingPageStyle {
  static let css = #"""
    :root {
      color-scheme: light dark;
      --page: #f5f4f1; --card: #ffffff; --ink: #1f2328; --soft: #5c636c; --line: #d9d7d1;
      --accent: #2f5fd0; --on-accent: #ffffff; --tint: #e8eefc;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14161a; --card: #1e2126; --ink: #e8e8e6; --soft: #a2a9b2; --line: #363b43;
        --accent: #8fb0ff; --on-accent: #10131a; --tint: #263149;
      }
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    body {
      margin: 0; min-height: 100vh; background: var(--page); color: var(--ink);
      font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
    }
    header, main { width: 100%; max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
    header { padding-top: 1.1rem; }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; text-wrap: balance; }
    p { margin: 0 0 1rem; }
    .row { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; }
    .spread { justify-content: space-between; }
    .soft { color: var(--soft); font-size: .9375rem; }
    progress {
      appearance: none; display: block; width: 100%; height: .4rem; margin: .6rem 0 0;
      border: 0; border-radius: 1rem; overflow: hidden; background: var(--line);
    }
    progress::-webkit-progress-bar { background: var(--line); }
    progress::-webkit-progress-value { background: var(--accent); border-radius: 1rem; }
    progress::-moz-progress-bar { background: var(--accent); border-radius: 1rem; }
    main { padding-top: 2rem; padding-bottom: 2rem; }
    .panel {
      max-width: 38rem; margin: 0 auto; padding: 1.75rem; border: 1px solid var(--line);
      border-radius: 1rem; background: var(--card);
    }
    button, input { font: inherit; color: inherit; }
    button { cursor: pointer; touch-action: manipulation; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    .plain, .main {
      min-height: 2.75rem; padding: .45rem 1.1rem; border: 1px solid var(--line);
      border-radius: .6rem; background: var(--card);
    }
    .plain:hover:not(:disabled) { border-color: var(--accent); }
    .plain:disabled { opacity: .45; cursor: default; }
    .main {
      border-color: var(--accent); background: var(--accent); color: var(--on-accent);
      font-weight: 600;
    }
    .link {
      padding: .25rem; border: 0; background: none; color: var(--accent);
      text-decoration: underline; text-underline-offset: .2em;
    }
    h1:focus-visible { outline: none; }
    label.row { gap: .5rem; cursor: pointer; }
    label.field { display: block; font-weight: 600; margin-bottom: .35rem; }
    input[type="text"] {
      width: 100%; min-height: 2.75rem; margin-bottom: 1rem; padding: .45rem .8rem;
      border: 1px solid var(--soft); border-radius: .6rem; background: var(--page);
    }
    input[type="checkbox"] { width: 1.1rem; height: 1.1rem; accent-color: var(--accent); }
    .player {
      display: flex; align-items: center; gap: 1rem; margin: 1.25rem 0; padding: .8rem 1.1rem;
      border: 1px solid var(--line); border-radius: 1rem; background: var(--card);
    }
    #play {
      flex: none; display: grid; place-items: center; width: 3.25rem; height: 3.25rem; padding: 0;
      border: 0; border-radius: 50%; background: var(--accent); color: var(--on-accent);
    }
    #play svg { width: 1.5rem; height: 1.5rem; fill: currentColor; }
    #seek { flex: 1; min-width: 0; height: 2rem; margin: 0; accent-color: var(--accent); }
    #time { flex: none; font-variant-numeric: tabular-nums; }
    .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
    .caption {
      display: flex; flex-direction: column; gap: .6rem; padding: 1.25rem; text-align: left;
      border: 2px solid var(--line); border-radius: 1rem; background: var(--card);
      overflow-wrap: anywhere;
    }
    .caption:hover, .tie:hover { border-color: var(--accent); }
    .caption .label { color: var(--soft); font-size: .875rem; font-weight: 600; }
    .tie {
      display: flex; align-items: center; justify-content: center; gap: .6rem; width: 100%;
      min-height: 3.25rem; margin: 1rem 0 1.5rem; border: 2px solid var(--line);
      border-radius: 1rem; background: var(--card);
    }
    button[aria-pressed="true"] { border-color: var(--accent); background: var(--tint); }
    kbd {
      display: inline-block; min-width: 1.7em; padding: 0 .4em; text-align: center;
      border: 1px solid var(--line); border-bottom-width: 2px; border-radius: .35rem;
      background: var(--page); color: var(--soft); font: 600 .85em/1.6 ui-monospace, monospace;
    }
    .notice {
      margin: 0 0 1rem; padding: .7rem 1rem; border-left: 4px solid #c77700; border-radius: .4rem;
      background: color-mix(in srgb, #c77700 14%, var(--card));
    }
    @media (max-width: 42rem) {
      main { padding-top: 1.1rem; }
      h1 { font-size: 1.3rem; }
      .pair { grid-template-columns: 1fr; gap: .75rem; }
      .caption { padding: 1rem; }
      .player { gap: .75rem; margin: .9rem 0; padding: .6rem .8rem; }
      .tie { margin-top: .75rem; }
      .spread > .plain { width: 100%; }
    }
    @media (hover: none) { .keys, kbd { display: none; } }
    """#
}
