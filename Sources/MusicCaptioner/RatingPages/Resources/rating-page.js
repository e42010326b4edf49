"use strict";
const page = JSON.parse(document.getElementById("page").textContent);
const items = page.items;
const find = id => document.getElementById(id);
const audio = find("audio"), seek = find("seek");
const prefix = "music-captioner-ratings:" + page.page;
const icons = { play: "M7 4.5v15l13-7.5z", pause: "M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z" };

/* What a rater did: answers[item] is {answer, seconds, heard}. */
let state = null, position = 0, shownAt = 0, heard = 0, lastTime = 0, blobURL = null;

const storage = {
  read(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  write(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { find("unsaved").hidden = false; }
  },
};
const rated = () => Object.keys(state.answers).length;
const save = () => storage.write(prefix + ":" + state.rater, state);

function show(view) {
  for (const id of ["welcome", "rating", "done"]) find(id).hidden = id !== view;
  find("top").hidden = view === "welcome";
  if (view !== "rating") audio.pause();
}

function welcome() {
  show("welcome");
  find("count").textContent = items.length === 1 ? "one clip" : items.length + " clips";
  find("name").value = state ? state.rater : "";
  find("name").focus();
}

function start(rater) {
  const stored = storage.read(prefix + ":" + rater);
  state = stored && stored.answers ? stored : { rater, answers: {}, autoplay: false };
  storage.write(prefix, rater);
  find("who").textContent = rater;
  find("autoplay").checked = state.autoplay === true;
  const open = items.findIndex((_, index) => !(index in state.answers));
  open < 0 ? finish() : showItem(open);
}

function updateProgress() {
  find("progress").max = items.length;
  find("progress").value = rated();
}

function showItem(index) {
  position = index;
  heard = lastTime = 0;
  shownAt = performance.now();
  show("rating");
  find("place").textContent =
    "Clip " + (index + 1) + " of " + items.length + ", " + rated() + " answered";
  find("first").textContent = items[index].first;
  find("second").textContent = items[index].second;
  const given = state.answers[index];
  for (const button of document.querySelectorAll("[data-answer]")) {
    button.setAttribute("aria-pressed", String(given?.answer === button.dataset.answer));
  }
  find("back").disabled = index === 0;
  find("next").textContent = given ? "Next" : "Skip";
  find("silent").hidden = true;
  updateProgress();
  load(index);
  if (state.autoplay) play();
}

function load(index) {
  audio.pause();
  if (blobURL) URL.revokeObjectURL(blobURL);
  blobURL = null;
  const item = items[index];
  if (item.link) {
    audio.src = item.link;
  } else {
    const text = atob(find("audio-" + index).textContent.trim());
    const bytes = Uint8Array.from(text, letter => letter.charCodeAt(0));
    blobURL = URL.createObjectURL(new Blob([bytes], { type: item.type }));
    audio.src = blobURL;
  }
  updatePlayer();
}

/* The promise fails where a browser wants a touch first; the button is still there. */
const play = () => audio.play().catch(() => {});
const toggle = () => audio.paused ? play() : audio.pause();

function clock(seconds) {
  const whole = Math.floor(seconds || 0);
  return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
}

function updatePlayer() {
  const duration = Number.isFinite(audio.duration) ? audio.duration : 0;
  seek.max = duration || 1;
  seek.value = audio.currentTime;
  seek.setAttribute("aria-valuetext", clock(audio.currentTime) + " of " + clock(duration));
  find("time").textContent = clock(audio.currentTime) + " / " + clock(duration);
  find("icon").setAttribute("d", audio.paused ? icons.play : icons.pause);
  find("play").setAttribute("aria-label", audio.paused ? "Play" : "Pause");
}

function answer(value) {
  const before = state.answers[position];
  const seconds = (performance.now() - shownAt) / 1000 + (before?.seconds ?? 0);
  state.answers[position] = {
    answer: value, seconds: Number(seconds.toFixed(1)),
    heard: Number((heard + (before?.heard ?? 0)).toFixed(1)),
  };
  save();
  next();
}

function next() {
  if (position + 1 < items.length) return showItem(position + 1);
  finish();
}

function back() {
  if (!find("done").hidden) return showItem(items.length - 1);
  if (position > 0) showItem(position - 1);
}

function finish() {
  const left = items.length - rated();
  show("done");
  updateProgress();
  find("place").textContent = rated() + " of " + items.length + " answered";
  find("thanks").textContent = left === 0 ? "Thank you!" : "Almost there";
  find("summary").textContent = left === 0
    ? "All clips are answered."
    : left + (left === 1 ? " clip has" : " clips have") + " no answer yet.";
  find("review").textContent = left === 0 ? "Go back" : "Go to the first without an answer";
  find("thanks").focus();
}

function review() {
  const open = items.findIndex((_, index) => !(index in state.answers));
  showItem(open < 0 ? items.length - 1 : open);
}

function download() {
  const ratings = Object.keys(state.answers).map(Number).sort((a, b) => a - b)
    .map(item => ({ item, clip: items[item].clip, ...state.answers[item] }));
  const file = {
    format: "music-captioner-ratings", version: 1, page: page.page, key: page.key,
    rater: state.rater, exported: new Date().toISOString(), ratings,
  };
  const link = document.createElement("a");
  const url = URL.createObjectURL(
    new Blob([JSON.stringify(file, null, 1) + "\n"], { type: "application/json" }));
  const name = state.rater.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
  link.href = url;
  link.download = "ratings-" + page.page.slice(0, 6) + "-" + (name || "rater") + ".json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

find("welcome").addEventListener("submit", event => {
  event.preventDefault();
  const name = find("name").value.trim();
  if (name) start(name);
});
find("change").addEventListener("click", welcome);
find("play").addEventListener("click", toggle);
find("back").addEventListener("click", back);
find("next").addEventListener("click", next);
find("review").addEventListener("click", review);
find("autoplay").addEventListener("change", event => {
  state.autoplay = event.target.checked;
  save();
  if (state.autoplay) play();
});
seek.addEventListener("input", () => { audio.currentTime = lastTime = Number(seek.value); });
for (const button of document.querySelectorAll("[data-answer]")) {
  button.addEventListener("click", () => answer(button.dataset.answer));
}
for (const button of document.querySelectorAll("[data-export]")) {
  button.addEventListener("click", download);
}
audio.addEventListener("timeupdate", () => {
  const step = audio.currentTime - lastTime;
  if (step > 0 && step < 2) heard += step;
  lastTime = audio.currentTime;
  updatePlayer();
});
for (const name of ["play", "pause", "ended", "loadedmetadata", "durationchange"]) {
  audio.addEventListener(name, updatePlayer);
}
audio.addEventListener("error", () => { find("silent").hidden = false; });

/* A button that was clicked must not catch the space bar that is meant to play. */
document.addEventListener("click", event => {
  if (event.detail > 0) event.target.closest("button")?.blur();
});
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (!find("welcome").hidden) return;
  const focus = document.activeElement;
  const isSeeking = focus === seek;
  if (event.key === "Backspace") { event.preventDefault(); return back(); }
  if (find("rating").hidden) return;
  if (event.key === " ") {
    if (focus.matches("button:focus-visible, input[type=checkbox]:focus-visible")) return;
    event.preventDefault();
    return toggle();
  }
  if (isSeeking && event.key.startsWith("Arrow")) return;
  const answers = {
    1: "first", ArrowLeft: "first", 2: "second", ArrowRight: "second",
    0: "tie", ArrowDown: "tie",
  };
  if (event.key in answers) { event.preventDefault(); answer(answers[event.key]); }
  else if (event.key.toLowerCase() === "n") next();
});

const lastRater = storage.read(prefix);
typeof lastRater === "string" && lastRater ? start(lastRater) : welcome();
