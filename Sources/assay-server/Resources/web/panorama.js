// The page Panorama: looks around in a landscape of the server's or in anybody's panorama, and says beside it where it comes from.
import { ask, fill, highlight, save, words } from "./page.js";
import { Sphere, deviceRotation } from "./sphere.js";

const canvas = document.getElementById("sphere");
const view = document.querySelector("[data-view]");
const form = document.querySelector("[data-make]");
const said = document.querySelector("[data-said]");
const origin = document.querySelector("[data-origin]");
const sphere = new Sphere(canvas);
const say = (text) => { said.textContent = text; };
const button = (name) => document.querySelector(`[data-do="${name}"]`);
if (sphere.isFlat) say(words.flat);

let round = 0;
let shown = null;

/** What a photo sphere's XMP says of the part that it shows; nil where it says nothing. */
async function part(blob) {
  const text = new TextDecoder("latin1").decode(await blob.slice(0, 262_144).arrayBuffer());
  const value = (name) => Number(text.match(new RegExp(`GPano:${name}(?:="|>)\\s*(\\d{1,6})`))?.[1]);
  const [width, height, left, top] = ["FullPanoWidthPixels", "FullPanoHeightPixels", "CroppedAreaLeftPixels", "CroppedAreaTopPixels"].map(value);
  const isSound = width >= 2 && width === 2 * height && left < width && top < height;
  return isSound ? { width, height, left, top } : null;
}

/** The picture as one of the whole sphere, no larger than the graphics take. */
async function whole(bitmap, blob) {
  const isWhole = Math.abs(bitmap.width - 2 * bitmap.height) <= 2;
  let area = isWhole ? null : await part(blob);
  if (isWhole && bitmap.width <= sphere.most) return { picture: bitmap, isWhole };
  if (!area) {
    // Nothing says which part it shows: all around as far as it is high, about the horizon.
    const width = isWhole ? bitmap.width : Math.max(bitmap.width, 2 * bitmap.height);
    area = { width, height: width / 2, left: (width - bitmap.width) / 2, top: (width / 2 - bitmap.height) / 2 };
  }
  const scale = Math.min(1, sphere.most / area.width);
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [Math.round(area.width * scale), Math.round(area.height * scale)];
  const pen = sheet.getContext("2d");
  pen.fillStyle = "#777";
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.drawImage(bitmap, area.left * scale, area.top * scale, bitmap.width * scale, bitmap.height * scale);
  bitmap.close();
  return { picture: sheet, isWhole };
}

async function open(blob, name, mine) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    // What was told of the picture before is no word about this one, of which the server may know more than the browser.
    if (mine !== round) return;
    say(words.noPicture);
    return tellOrigin(blob, name, mine);
  }
  const size = { width: bitmap.width, height: bitmap.height };
  const { picture, isWhole } = await whole(bitmap, blob);
  if (mine !== round) return;
  sphere.home();
  sphere.load(picture);
  shown = { blob, name };
  button("save").disabled = false;
  say(sphere.isFlat ? words.flat : isWhole ? "" : fill(words.ratio, size));
  await tellOrigin(blob, name, mine);
}

const verdict = origin.querySelector("[data-verdict]");
const signs = origin.querySelector("[data-signs]");

/** Takes back what was told of a picture, and says this in its place. */
function untell(name, text) {
  origin.className = "t-open";
  delete origin.dataset.outcome;
  origin.querySelector("[data-name]").textContent = name;
  origin.querySelector("[data-about]").textContent = "";
  verdict.textContent = text;
  signs.replaceChildren();
}

/** Scans the file, and shows the verdict with what it rests on. */
async function tellOrigin(blob, name, mine) {
  untell(name, words.scanning);
  const request = { method: "POST", body: blob, headers: { "Content-Type": "application/octet-stream" } };
  try {
    // Nothing is done to it: the wall's answer has the verdict in the server's words.
    const told = await (await ask("/api/v1/wall", request)).json();
    if (mine !== round) return;
    origin.className = `t-${told.tone}`;
    origin.dataset.outcome = told.outcome;
    verdict.textContent = told.sentence;
    // Of what could not be read nobody knows the size.
    origin.querySelector("[data-about]").textContent = !told.width ? "" : fill(words.file, {
      format: (told.format ?? "").toUpperCase(), width: told.width, height: told.height, size: Math.round(told.bytes / 1000),
    });
    signs.replaceChildren(...told.marks.filter((mark) => mark.text).map((mark) => {
      const item = document.createElement("li");
      item.textContent = mark.text;
      return item;
    }));
  } catch (error) {
    if (mine === round) untell(name, error.status === 401 ? words.token : error.text ?? words.lost);
  }
}

async function make(seed) {
  const mine = ++round;
  const go = form.querySelector("[type=submit]");
  go.disabled = true;
  view.classList.add("busy");
  say(words.making);
  try {
    const answer = await ask("/api/v1/generate/panorama?format=jpeg&quality=92", {
      method: "POST", body: JSON.stringify({ seed }), headers: { "Content-Type": "application/json" },
    });
    const blob = await answer.blob();
    if (mine === round) await open(blob, `assay-panorama-${seed}.jpg`, mine);
  } catch (error) {
    if (mine === round) say(error.status === 401 ? words.token : error.text ?? words.lost);
  }
  go.disabled = false;
  view.classList.remove("busy");
}

async function given(files) {
  const file = [...files].find((one) => one.size > 0);
  if (!file) return;
  const mine = ++round;
  view.classList.remove("busy");
  await open(file, file.name, mine);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  make(Number(form.elements.seed.value));
});
document.getElementById("file").addEventListener("change", (event) => given(event.target.files));
highlight(view);
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (name === "drop") given(event.dataTransfer.files);
  });
}

// MARK: Ways to look

button("save").addEventListener("click", () => {
  if (!shown) return;
  save(shown.blob, shown.name);
});
button("full").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else view.requestFullscreen?.();
});
document.addEventListener("fullscreenchange", () => {
  button("full").setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
  sphere.draw();
});

const motion = button("motion");
const follow = (event) => {
  if (event.alpha === null) return;
  sphere.device = deviceRotation(event.alpha, event.beta, event.gamma, screen.orientation?.angle ?? 0);
  sphere.draw();
};
if ("DeviceOrientationEvent" in window && matchMedia("(pointer: coarse)").matches) motion.hidden = false;
motion.addEventListener("click", async () => {
  const isOn = motion.getAttribute("aria-pressed") === "true";
  if (!isOn) {
    const answer = await DeviceOrientationEvent.requestPermission?.().catch(() => "denied");
    if (answer && answer !== "granted") return say(words.noMotion);
    window.addEventListener("deviceorientation", follow);
  } else {
    window.removeEventListener("deviceorientation", follow);
    sphere.device = null;
    sphere.draw();
  }
  motion.setAttribute("aria-pressed", String(!isOn));
});

const headset = button("headset");
if (!sphere.isFlat) {
  navigator.xr?.isSessionSupported("immersive-vr").then((is) => { headset.hidden = !is; }, () => {});
}
headset.addEventListener("click", async () => {
  try {
    await sphere.enter(await navigator.xr.requestSession("immersive-vr"));
  } catch (error) {
    say(fill(words.noHeadset, { reason: error.message }));
  }
});

if (document.getElementById("token")) {
  say(words.token);
  document.getElementById("token").addEventListener("change", () => { if (!shown) make(Number(form.elements.seed.value)); });
} else make(Number(form.elements.seed.value));
