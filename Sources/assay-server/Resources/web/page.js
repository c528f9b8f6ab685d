// What every page's module needs: words of the catalogue, requests with the token, and choosing files.

export const words = document.getElementById("words")?.dataset ?? {};

/** The text with its values filled in. */
export const fill = (text, values = {}) =>
  (text ?? "").replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

/** The form of a sentence for a number. */
export const counted = (one, other, count) => (count === 1 ? one : fill(other, { count }));

export const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** An answer that says why something was not done, in the server's words. */
export class Refusal extends Error {
  constructor(problem, status, seconds) {
    super(problem.detail ?? `${status}`);
    this.remedy = problem.remedy;
    this.code = problem.code;
    this.status = status;
    this.seconds = seconds;
  }

  /** For people. */
  get text() {
    const first = this.message.charAt(0).toUpperCase() + this.message.slice(1) + ".";
    // A header is for programs; a person types.
    if (this.code === "serve.token") return `${first} ${document.getElementById("token-hint")?.textContent ?? ""}`.trim();
    return this.remedy ? `${first} ${fill(words.remedy, { remedy: this.remedy })}` : first;
  }
}

/** The token that the server took. */
let taken;

/** Shows the server the token alone before anything is sent that takes long: it does not read what a stranger sends. */
async function admit(token) {
  if (token === taken) return;
  const answer = await fetch("/api/v1/generate/models", {
    headers: { Authorization: `Bearer ${token}` }, credentials: "omit", cache: "no-store",
  });
  if (answer.status === 401) throw new Refusal(await answer.json().catch(() => ({})), answer.status);
  if (answer.ok) taken = token;
}

/** Asks the server; where it is busy, waits as long as it says and asks again. */
export async function ask(path, options = {}, { patience = 20, busy = () => {} } = {}) {
  const token = document.getElementById("token")?.value;
  const headers = new Headers(options.headers);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  if (token && options.body) await admit(token);
  for (;;) {
    const answer = await fetch(path, { ...options, headers, credentials: "omit", cache: "no-store" });
    if (answer.ok) return answer;
    const seconds = Number(answer.headers.get("Retry-After")) || 2;
    const problem = await answer.json().catch(() => ({}));
    if (answer.status !== 503 || patience-- <= 0) throw new Refusal(problem, answer.status, seconds);
    busy(seconds);
    await wait(seconds);
  }
}

/** The events of a stream, one after the other: {name, data}. */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
      const lines = rest.slice(0, end).split("\n");
      rest = rest.slice(end + 2);
      const field = (name) => lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)).join("\n");
      yield { name: field("event"), data: JSON.parse(field("data") || "null") };
    }
  }
}

/** Saves what was made as a file. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Shows that something can be dropped here. */
export function highlight(zone) {
  let depth = 0;
  zone.addEventListener("dragenter", () => zone.classList.toggle("over", ++depth > 0));
  zone.addEventListener("dragleave", () => zone.classList.toggle("over", --depth > 0));
  zone.addEventListener("drop", () => zone.classList.toggle("over", (depth = 0) > 0));
}
