// The page Studio: pictures that follow a hand, beside what a scanner says of each. Every picture that comes from the server is a
// file with all its marks; what is shown is that file, and what is saved is that file too.
import { ask, fill, save, words } from "./page.js";
import { Wall } from "./wall.js";

const root = document.querySelector("[data-studio]");
const form = document.querySelector("[data-bench]");
const picture = document.getElementById("picture");
const paper = document.getElementById("paper");
const content = document.getElementById("content");
const video = document.getElementById("camera");
const spot = document.querySelector("[data-spot]");
const said = document.querySelector("[data-said]");
const isKiosk = "kiosk" in root.dataset;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const wall = new Wall(form);

const say = (text) => { if (said.textContent !== text) said.textContent = text; };
const json = (body) => ({ method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
const range = (id) => document.getElementById(id);
const button = (name) => form.querySelector(`[data-do="${name}"]`);
const mode = () => form.elements.mode.value;
const model = () => form.elements.model.value;
const chance = () => Math.floor(Math.random() * 0xffffffff);

/** What is shown: the file, and a number that tells it from others. */
let shown = { blob: null, number: 0 };
let made = 0;

async function show(blob, number) {
  if (number < shown.number) return;
  const bitmap = await createImageBitmap(blob);
  if (number < shown.number) return bitmap.close();
  shown = { blob, number };
  if (picture.width !== 512) picture.width = picture.height = 512;
  const pen = picture.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, 512, 512);
  picture.dataset.frames = ++made;
  wall.take(blob, bitmap, number);
}

// MARK: One after the other, the newest wish first

/**
 * Asks for what is wanted now, with at most `lanes` requests under way; wishes that were overtaken are never sent.
 */
class Stream {
  constructor(lanes, make) {
    this.lanes = lanes;
    this.make = make;
    this.running = 0;
    this.wanted = 0;
    this.sent = 0;
  }

  want() {
    this.wanted++;
    this.pump();
  }

  async pump() {
    while (this.running < this.lanes && this.sent < this.wanted) {
      this.sent = this.wanted;
      this.running++;
      this.one().finally(() => {
        this.running--;
        this.pump();
      });
    }
  }

  async one() {
    const number = ++Stream.count;
    const forMode = mode();
    try {
      const blob = await this.make();
      if (blob && forMode === mode()) await show(blob, number);
      if (blob) say(words.made);
    } catch (error) {
      if (error.status === 401) say(words.token);
      else say(error.text ?? words.lost);
      await new Promise((done) => setTimeout(done, 500));
    }
  }
}
Stream.count = 0;

// MARK: Morph

let seeds = [1, 2, 3, 4];
const place = { across: range("across"), down: range("down") };

/** The four corners' parts at a place of 0...1. */
const corners = (x, y) => [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y];

function mixture(scale) {
  const weights = corners(place.across.value / 100, place.down.value / 100);
  const body = { model: model(), parts: seeds.map((seed, index) => ({ seed, weight: Number(weights[index].toFixed(4)) })) };
  return scale ? { ...body, scale } : body;
}

const morph = new Stream(3, async () => (await ask("/api/v1/generate/morph", json(mixture()))).blob());

let wandering = false;
let way = 0;
let tick = 0;

/** From corner to corner and through the middle, without an end. */
function wander(time) {
  if (!wandering) return;
  if (tick) way += Math.min(100, time - tick) / 1000;
  tick = time;
  if (mode() === "morph" && !document.hidden) {
    setPlace(0.5 + 0.5 * Math.sin(way * 0.37), 0.5 + 0.5 * Math.sin(way * 0.23 + 1));
    // Far out on its way the pictures change too, one corner at a time, the one that is farthest.
    if (way > nextCorner) {
      nextCorner = way + 9;
      const weights = corners(place.across.value / 100, place.down.value / 100);
      seeds[weights.indexOf(Math.min(...weights))] = chance();
    }
  }
  requestAnimationFrame(wander);
}
let nextCorner = 9;

function setWandering(on) {
  if (on === wandering) return;
  wandering = on;
  tick = 0;
  button("wander").setAttribute("aria-pressed", String(on));
  if (on) requestAnimationFrame(wander);
}

function setPlace(x, y) {
  place.across.value = 100 * x;
  place.down.value = 100 * y;
  follow();
}

function follow() {
  const pad = mode() === "style" ? stylePlace : place;
  spot.style.left = `${pad.across.value}%`;
  spot.style.top = `${pad.down.value}%`;
  if (mode() === "morph") morph.want();
  else if (mode() === "style") style.want();
}

picture.addEventListener("pointermove", (event) => {
  if (mode() === "draw" || (event.pointerType !== "mouse" && !event.buttons)) return;
  const box = picture.getBoundingClientRect();
  const at = (value) => Math.min(1, Math.max(0, value));
  setWandering(false);
  const pad = mode() === "style" ? stylePlace : place;
  pad.across.value = 100 * at((event.clientX - box.left) / box.width);
  pad.down.value = 100 * at((event.clientY - box.top) / box.height);
  follow();
});
for (const input of Object.values(place)) {
  input.addEventListener("input", () => {
    setWandering(false);
    follow();
  });
}

// MARK: Draw

let strokes = [];
let line = null;
let pen = { x: 256, y: 256, isDown: false, isShown: false };

function drawPaper() {
  const brush = paper.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, 512, 512);
  brush.strokeStyle = "#000";
  brush.lineWidth = 8;
  brush.lineCap = brush.lineJoin = "round";
  for (const points of strokes) {
    brush.beginPath();
    points.forEach(([x, y], index) => (index ? brush.lineTo(x, y) : brush.moveTo(x, y)));
    if (points.length === 1) brush.lineTo(points[0][0] + 0.1, points[0][1]);
    brush.stroke();
  }
}

/** How much line there is; the model wants more than a dot. */
const length = () => strokes.reduce((sum, points) => points.reduce((all, [x, y], index) =>
  all + (index ? Math.hypot(x - points[index - 1][0], y - points[index - 1][1]) : 0), sum), 0);

const draw = new Stream(1, async () => {
  if (length() < 140) {
    say(words.empty);
    return null;
  }
  drawPaper();
  const blob = await new Promise((done) => paper.toBlob(done, "image/png"));
  if (pen.isShown) drawPen();
  const answer = await ask("/api/v1/generate/landscape", { method: "POST", body: blob, headers: { "Content-Type": "image/png" } });
  return answer.blob();
});

function drawPen() {
  const brush = paper.getContext("2d");
  brush.strokeStyle = pen.isDown ? "#9d2419" : "#0b5c66";
  brush.lineWidth = 3;
  brush.beginPath();
  brush.arc(pen.x, pen.y, 11, 0, 7);
  brush.stroke();
}

const onPaper = (event) => {
  const box = paper.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width) * 512, ((event.clientY - box.top) / box.height) * 512];
};
paper.addEventListener("pointerdown", (event) => {
  paper.setPointerCapture(event.pointerId);
  pen.isShown = false;
  line = [onPaper(event)];
  strokes.push(line);
  drawPaper();
  draw.want();
});
paper.addEventListener("pointermove", (event) => {
  if (!line) return;
  line.push(onPaper(event));
  drawPaper();
  draw.want();
});
for (const name of ["pointerup", "pointercancel"]) paper.addEventListener(name, () => { line = null; });
paper.addEventListener("keydown", (event) => {
  const step = event.shiftKey ? 24 : 8;
  const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
  if (by) {
    pen.x = Math.min(508, Math.max(4, pen.x + by[0]));
    pen.y = Math.min(508, Math.max(4, pen.y + by[1]));
    if (pen.isDown) strokes.at(-1).push([pen.x, pen.y]);
  } else if (event.key === " ") {
    pen.isDown = !pen.isDown;
    if (pen.isDown) strokes.push([[pen.x, pen.y]]);
    say(pen.isDown ? words.penDown : words.penUp);
  } else return;
  event.preventDefault();
  pen.isShown = true;
  drawPaper();
  drawPen();
  if (pen.isDown) draw.want();
});
paper.addEventListener("blur", () => {
  pen.isDown = pen.isShown = false;
  drawPaper();
});

/** Ridges, a shore and a tree, as somebody in a hurry draws them. */
function example() {
  const curve = (height, rough, phase) => Array.from({ length: 65 }, (_, i) => [
    i * 8, height + rough * (Math.sin(i * 0.21 + phase) + 0.5 * Math.sin(i * 0.53 + 2 * phase) + 0.25 * Math.sin(i * 1.31 + phase))]);
  const phase = Math.random() * 6;
  strokes = [curve(190, 44, phase), curve(275, 26, phase + 2), curve(350, 10, phase + 4)];
  for (let x = 40; x < 512; x += 60) strokes.push([[x, 400 + 30 * Math.random()], [x + 34, 392 + 30 * Math.random()]]);
}

// MARK: Paint

const stylePlace = { across: range("style-across"), down: range("style-down") };
const manners = [...form.querySelectorAll("canvas[data-style]")];
let mannerFiles = null;
let isFilming = false;

const hue = (a, b, c) => `hsl(${a} ${b}% ${c}%)`;
/** Four pictures to take the manner of, drawn here: nobody else's work. */
const painters = {
  waves(g, r) {
    for (let y = -8; y < 168; y += 7) {
      g.strokeStyle = hue(200 + 40 * r(), 50 + 40 * r(), 25 + 55 * r());
      g.lineWidth = 3 + 4 * r();
      g.beginPath();
      for (let x = -4; x <= 164; x += 4) g.lineTo(x, y + 9 * Math.sin(x * 0.09 + y * 0.11) + 3 * Math.sin(x * 0.31));
      g.stroke();
    }
  },
  mosaic(g, r) {
    for (let y = 0; y < 160; y += 10) {
      for (let x = -5 * ((y / 10) % 2); x < 160; x += 10) {
        g.fillStyle = hue([18, 42, 165, 205, 340][Math.floor(5 * r())], 45 + 35 * r(), 35 + 40 * r());
        g.fillRect(x + 1, y + 1, 8, 8);
      }
    }
  },
  hatching(g, r) {
    g.fillStyle = "#f3ecdc";
    g.fillRect(0, 0, 160, 160);
    for (let i = 0; i < 900; i++) {
      const [x, y, a] = [160 * r(), 160 * r(), r() < 0.6 ? 0.8 : -0.7];
      g.strokeStyle = hue(25, 25, 8 + 22 * r());
      g.lineWidth = 0.7 + r();
      g.beginPath();
      g.moveTo(x, y);
      g.lineTo(x + 16 * Math.cos(a), y + 16 * Math.sin(a));
      g.stroke();
    }
  },
  embers(g, r) {
    g.fillStyle = "#1a0d12";
    g.fillRect(0, 0, 160, 160);
    for (let i = 0; i < 420; i++) {
      const size = 2 + 11 * r() * r();
      g.fillStyle = hue(4 + 44 * r(), 85, 25 + 45 * r());
      g.globalAlpha = 0.75;
      g.beginPath();
      g.ellipse(160 * r(), 160 * r(), size, size * 0.45, 0.5 + r(), 0, 7);
      g.fill();
    }
    g.globalAlpha = 1;
  },
};

function paintManners() {
  for (const canvas of manners) {
    let state = 7;
    const r = () => (state = (state * 16807) % 2147483647) / 2147483647;
    const g = canvas.getContext("2d", { willReadFrequently: true });
    g.fillStyle = "#fff";
    g.fillRect(0, 0, 160, 160);
    painters[canvas.dataset.style](g, r);
  }
  mannerFiles = null;
}

const png = (canvas) => new Promise((done) => canvas.toBlob(done, "image/png"));

/** The middle of a picture or frame as the content. */
function setContent(source, width, height) {
  const side = Math.min(width, height);
  const g = content.getContext("2d");
  g.drawImage(source, (width - side) / 2, (height - side) / 2, side, side, 0, 0, 256, 256);
}

const style = new Stream(1, async () => {
  if (isFilming && video.videoWidth) setContent(video, video.videoWidth, video.videoHeight);
  mannerFiles ??= await Promise.all(manners.map(png));
  const weights = corners(stylePlace.across.value / 100, stylePlace.down.value / 100);
  const body = new FormData();
  body.append("content", await png(content), "content.png");
  mannerFiles.forEach((file, index) => body.append(index ? `style${index + 1}` : "style", file, `${manners[index].dataset.style}.png`));
  body.append("weights", weights.map((weight) => weight.toFixed(4)).join(","));
  body.append("styleSize", "160");
  const answer = await ask("/api/v1/generate/style", { method: "POST", body });
  if (isFilming && mode() === "style") style.want();
  return answer.blob();
});
for (const input of Object.values(stylePlace)) input.addEventListener("input", follow);

async function film(on) {
  if (!on) {
    video.srcObject?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    isFilming = false;
    return;
  }
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, facingMode: "user" } });
    await video.play();
    isFilming = true;
    style.want();
  } catch {
    say(words.noCamera);
  }
}

async function chosen(input, take) {
  const file = input.files[0];
  input.value = "";
  if (!file) return;
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return say(words.noPicture);
  take(bitmap);
  bitmap.close();
  style.want();
}
range("content-file").addEventListener("change", (event) => {
  film(false);
  chosen(event.target, (bitmap) => setContent(bitmap, bitmap.width, bitmap.height));
});
range("style-file").addEventListener("change", (event) => chosen(event.target, (bitmap) => {
  const side = Math.min(bitmap.width, bitmap.height);
  manners[0].getContext("2d").drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, 160, 160);
  mannerFiles = null;
}));

// MARK: All together

function enter() {
  const now = mode();
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== now;
  form.dataset.mode = now;
  spot.hidden = now === "draw";
  if (now !== "style") film(false);
  if (now !== "morph") setWandering(false);
  shown.number = Stream.count;
  if (now === "morph") follow();
  if (now === "draw") {
    drawPaper();
    draw.want();
  }
  if (now === "style") {
    if (!enter.hasContent) setContent(picture, 512, 512);
    enter.hasContent = true;
    follow();
  }
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", (event) => {
  if (event.target.name === "mode") enter();
  if (event.target.name === "model") follow();
});
const acts = {
  others() {
    seeds = seeds.map(chance);
    follow();
  },
  wander: () => setWandering(!wandering),
  example() {
    example();
    drawPaper();
    draw.want();
  },
  undo() {
    strokes.pop();
    drawPaper();
    draw.want();
  },
  clear() {
    strokes = [];
    drawPaper();
    draw.want();
  },
  camera: () => film(!isFilming),
  restore: () => wall.restore(),
  save() {
    if (!shown.blob) return;
    save(shown.blob, `assay-${mode()}.png`);
    say(words.saved);
  },
  async large() {
    button("large").disabled = true;
    say(words.working);
    try {
      save(await (await ask("/api/v1/generate/morph", json(mixture(4)))).blob(), "assay-morph-512.png");
      say(words.saved);
    } catch (error) {
      say(error.text ?? words.lost);
    }
    button("large").disabled = false;
  },
};
form.addEventListener("click", (event) => {
  const name = event.target.closest("[data-do]")?.dataset.do;
  if (name) acts[name]?.();
});
document.getElementById("token")?.addEventListener("change", follow);

/** As the first visitor found it. */
function begin() {
  film(false);
  strokes = [];
  pen = { x: 256, y: 256, isDown: false, isShown: false };
  enter.hasContent = false;
  paintManners();
  wall.restore();
  form.elements.mode.value = "morph";
  form.elements.model.value = "landscapes";
  seeds = [4, 7, 12, 23];
  stylePlace.across.value = stylePlace.down.value = 20;
  enter();
  setPlace(0.35, 0.4);
  if (isKiosk && !still.matches) setWandering(true);
}

if (isKiosk) {
  let touched = 0;
  for (const name of ["pointerdown", "pointermove", "keydown", "input"]) {
    window.addEventListener(name, (event) => { if (event.isTrusted) touched = Date.now(); }, { passive: true });
  }
  setInterval(() => {
    if (touched && Date.now() - touched > Number(root.dataset.alone || 60_000)) {
      touched = 0;
      begin();
      scrollTo({ top: 0 });
    }
  }, 1000);
  window.addEventListener("contextmenu", (event) => event.preventDefault());
}
if (!document.getElementById("token") || isKiosk) begin();
else {
  begin();
  say(words.token);
}
