// One picture's result: the picture itself, which only this page holds, what is laid over it, and what is made of it on request.
import { ask, fill, save, words } from "./page.js";

const pictureOf = (file) => ({ method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });

/** Makes an article of the server's live. */
export function enliven(article, file) {
  const stage = article.querySelector("[data-stage]");
  const frame = document.createElement("div");
  frame.className = "frame";
  const picture = new Image();
  picture.alt = article.querySelector(".file .name").textContent;
  const url = URL.createObjectURL(file);
  picture.src = url;
  frame.append(picture);
  stage.replaceChildren(frame);
  picture.addEventListener("error", () => other(file, frame, picture), { once: true });
  overlays(article, file, frame);
  actions(article, file);
  return () => URL.revokeObjectURL(url);
}

/** A format that the browser does not show, as one that it does. */
async function other(file, frame, picture) {
  try {
    const answer = await ask("/api/v1/drawings?kind=picture", pictureOf(file));
    picture.src = URL.createObjectURL(await answer.blob());
  } catch {
    const note = document.createElement("p");
    note.className = "none";
    note.textContent = words.noPicture;
    frame.replaceChildren(note);
  }
}

function overlays(article, file, frame) {
  const form = article.querySelector("[data-overlay]");
  if (form.querySelectorAll("input[type=radio]").length < 2) return;
  form.hidden = false;
  const slider = form.querySelector("[data-opacity]");
  const range = slider.querySelector("input");
  const hint = form.querySelector("p[data-hint]");
  const made = new Map();
  const cover = new Image();
  cover.className = "cover";
  cover.alt = "";
  let wanted = "";
  const fade = () => { cover.style.opacity = range.value / 100; };
  range.addEventListener("input", fade);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", async (event) => {
    if (event.target.type !== "radio") return;
    wanted = event.target.value;
    const kind = wanted;
    cover.remove();
    slider.hidden = true;
    hint.textContent = kind ? words.working : "";
    if (!kind) return;
    try {
      if (!made.has(kind)) {
        const answer = await ask(`/api/v1/drawings?kind=${kind}`, pictureOf(file));
        made.set(kind, URL.createObjectURL(await answer.blob()));
      }
      if (wanted !== kind) return;
      cover.src = made.get(kind);
      fade();
      frame.append(cover);
      slider.hidden = false;
      hint.textContent = event.target.dataset.hint;
    } catch (error) {
      if (wanted === kind) hint.textContent = error.text ?? words.lost;
    }
  });
}

function actions(article, file) {
  const row = article.querySelector("[data-actions]");
  row.hidden = false;
  const said = row.querySelector("[data-said]");
  const doing = async (button, work) => {
    button.disabled = true;
    said.textContent = words.working;
    try {
      said.textContent = (await work()) ?? "";
    } catch (error) {
      said.textContent = error.text ?? words.lost;
    }
    button.disabled = false;
  };
  const name = encodeURIComponent(file.name ?? "");
  for (const button of row.querySelectorAll("[data-report]")) {
    const format = button.dataset.report;
    button.addEventListener("click", () => doing(button, async () => {
      const answer = await ask(`/api/v1/report?format=${format}&name=${name}`, pictureOf(file));
      const stem = (file.name ?? "picture").replace(/\.[^.]*$/, "");
      save(await answer.blob(), `${stem}-report.${format}`);
    }));
  }
  const ledger = row.querySelector("[data-ledger]");
  ledger?.addEventListener("click", () => doing(ledger, async () => {
    await ask(`/api/v1/ledger?name=${name}`, pictureOf(file));
    return fill(words.ledgerDone);
  }));
}
