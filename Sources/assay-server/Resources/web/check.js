// The page Check: takes pictures that are dropped, pasted, chosen or photographed, and shows what is known of each as it comes.
import { ask, counted, events, fill, highlight, words } from "./page.js";
import { enliven } from "./result.js";

const form = document.querySelector("[data-check]");
const results = document.querySelector("[data-results]");
const status = document.querySelector("[data-status]");
const most = Number(form.dataset.most);
const limit = Number(form.dataset.limit);
/** What one job takes: few enough that memory stays small on both sides. */
const batchFiles = 20;
const batchBytes = Math.min(limit * 0.9, 32 << 20);

let forget = [];
let round = 0;

const say = (text) => { status.textContent = text; };

/** Begins anew with these files. */
async function take(list) {
  let files = [...list].filter((file) => file.size > 0);
  const empty = [...list].filter((file) => !file.size).map((file) => fill(words.empty, { name: file.name }));
  if (!files.length) return say(empty.length ? empty.join(" ") : words.none);
  const token = form.elements.token;
  if (token && !token.reportValidity()) return;
  const notes = empty.slice(0, 3);
  if (files.length > most) notes.push(fill(words.many, { count: most }));
  files = files.slice(0, most);
  const large = files.find((file) => file.size > limit * 0.98);
  if (large) notes.push(fill(words.large, { name: large.name, size: limit >> 20 }));
  files = files.filter((file) => file !== large && file.size <= limit * 0.98);
  if (!files.length) return say(notes.join(" "));

  const mine = ++round;
  for (const done of forget) done();
  forget = [];
  document.body.classList.add("has-results");
  results.hidden = false;
  results.replaceChildren();
  const places = files.map((file) => place(file, files.length > 1));
  results.append(...places.map((one) => one.element));
  const bar = document.createElement("progress");
  bar.className = "bar";
  bar.max = files.length;
  bar.value = 0;
  let done = 0;
  const tell = () => {
    say([fill(words.examining, { done, total: files.length }), ...notes].join(" "));
    status.append(bar);
  };
  tell();
  try {
    for (const batch of batches(files)) {
      await examine(batch, (index, html) => {
        if (mine !== round) return;
        show(places[index], html);
        bar.value = ++done;
        bar.setAttribute("aria-label", fill(words.examining, { done, total: files.length }));
        tell();
      }, (seconds) => say(fill(words.left, { seconds })), () => mine === round);
      if (mine !== round) return;
    }
    say([counted(words.doneOne, words.done, done), ...notes].join(" "));
  } catch (error) {
    if (mine === round) say(error.text ?? words.lost);
  }
}

/** Numbers of files that go together. */
function batches(files) {
  const all = [];
  let now = [];
  let bytes = 0;
  files.forEach((file, index) => {
    if (now.length && (now.length >= batchFiles || bytes + file.size > batchBytes)) {
      all.push(now);
      [now, bytes] = [[], 0];
    }
    now.push({ file, index });
    bytes += file.size;
  });
  return now.length ? [...all, now] : all;
}

/** Sends a batch and hands on each result. */
async function examine(batch, take, busy, isWanted) {
  const body = new FormData();
  for (const { file } of batch) body.append("file", file, file.name || "picture");
  const job = await (await ask("/api/v1/jobs", { method: "POST", body }, { busy })).json();
  const address = `/api/v1/jobs/${job.id}`;
  try {
    for await (const { name, data } of events(await ask(`${address}/events?as=html`))) {
      if (!isWanted()) break;
      if (name === "result") take(batch[data.index].index, data.html);
      if (name === "end") break;
    }
  } finally {
    ask(address, { method: "DELETE" }).catch(() => {});
  }
}

/** Where a result will stand: alone, or as an entry that opens. */
function place(file, isOneOfMany) {
  if (!isOneOfMany) return { file, element: document.createElement("div") };
  const element = document.createElement("details");
  element.className = "entry";
  const summary = document.createElement("summary");
  const thumb = new Image();
  thumb.className = "thumb";
  thumb.alt = "";
  const url = URL.createObjectURL(file);
  forget.push(() => URL.revokeObjectURL(url));
  thumb.src = url;
  thumb.addEventListener("error", () => { thumb.style.visibility = "hidden"; });
  const line = document.createElement("div");
  line.className = "line";
  const name = document.createElement("span");
  name.textContent = file.name;
  const verdict = document.createElement("b");
  verdict.textContent = words.waiting;
  line.append(verdict, name);
  summary.append(thumb, line);
  element.append(summary);
  return { file, element, verdict };
}

function show({ file, element, verdict }, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const article = template.content.querySelector("article");
  if (!verdict) {
    element.replaceWith(article);
    forget.push(enliven(article, file));
    return;
  }
  element.classList.add(...[...article.classList].filter((name) => name.startsWith("t-")));
  verdict.replaceChildren(...article.querySelector("h2").cloneNode(true).childNodes);
  element.append(article);
  // The picture itself is shown when somebody looks.
  element.addEventListener("toggle", () => forget.push(enliven(article, file)), { once: true });
}

// MARK: Ways in

form.addEventListener("submit", (event) => {
  event.preventDefault();
  take(form.elements.file.files);
});
form.elements.file.addEventListener("change", () => {
  if (form.elements.file.files.length && (!form.elements.token || form.elements.token.value)) take(form.elements.file.files);
});
highlight(form.querySelector(".zone"));
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (name === "drop") take(event.dataTransfer.files);
  });
}
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length) take(files);
});
if (matchMedia("(pointer: coarse)").matches) {
  form.querySelector("[data-camera]").hidden = false;
  document.getElementById("camera").addEventListener("change", (event) => take(event.target.files));
}
