// The wall: what a scanner says of a picture after it was treated badly, and which of its marks are left.
import { ask, fill, words } from "./page.js";

/** Milliseconds that a picture has to rest before the slow measurements are made. */
const rest = 700;

export class Wall {
  constructor(form) {
    this.form = form;
    this.card = form.querySelector("[data-verdict-card]");
    this.verdict = form.querySelector("[data-verdict]");
    this.about = form.querySelector("[data-about]");
    this.likeness = form.querySelector("#likeness");
    this.lamps = new Map([...form.querySelectorAll("[data-lamp]")].map((lamp) => [lamp.dataset.lamp, lamp]));
    this.sliders = [...form.querySelectorAll(".attacks input[type=range]")];
    this.ticks = [...form.querySelectorAll(".attacks input[type=checkbox]")];
    this.wanted = 0;
    this.asked = 0;
    this.wholly = 0;
    this.isBusy = false;
    for (const input of [...this.sliders, ...this.ticks]) {
      input.addEventListener("input", () => this.changed());
    }
    this.tell();
  }

  /** A new picture; the bitmap is this object's from now on. */
  take(blob, bitmap, number) {
    this.bitmap?.close();
    [this.blob, this.bitmap, this.number] = [blob, bitmap, number];
    this.changed();
  }

  restore() {
    for (const slider of this.sliders) slider.value = slider.dataset.usual;
    for (const tick of this.ticks) tick.checked = false;
    this.changed();
  }

  /** What the sliders do, as the server's route has it. */
  get attack() {
    const attack = {};
    for (const { name, value, dataset } of this.sliders) {
      if (value === dataset.usual) continue;
      attack[name] = name === "jpeg" || name === "turn" ? Number(value) : Number(value) / 100;
    }
    for (const { name, checked } of this.ticks) if (checked) attack[name] = true;
    return attack;
  }

  tell() {
    for (const slider of this.sliders) {
      const output = slider.parentElement.querySelector("output");
      const isUsual = slider.value === slider.dataset.usual;
      output.textContent = isUsual ? words.off : `${slider.value}${output.dataset.unit}`;
      slider.setAttribute("aria-valuetext", output.textContent);
    }
  }

  changed() {
    this.wanted++;
    this.tell();
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(true), rest);
    this.pump(false);
  }

  async pump(isResting) {
    if (!this.blob || this.isBusy) return;
    const mine = this.wanted;
    const isWhole = isResting && this.wholly < mine;
    if (!isWhole && this.asked >= mine) return;
    this.isBusy = true;
    const query = new URLSearchParams(this.attack);
    if (!isWhole) query.set("only", "provenance,watermark");
    try {
      const answer = await ask(`/api/v1/wall?${query}`, {
        method: "POST", body: this.blob, headers: { "Content-Type": "application/octet-stream" },
      });
      this.show(await answer.json(), isWhole);
    } catch (error) {
      this.verdict.textContent = error.text ?? words.lost;
    }
    this.asked = mine;
    if (isWhole) this.wholly = mine;
    this.isBusy = false;
    if (this.wanted > mine) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.pump(true), rest);
      this.pump(false);
    }
  }

  show(answer, isWhole) {
    if (this.verdict.textContent !== answer.sentence) this.verdict.textContent = answer.sentence;
    this.card.className = `verdict-card t-${answer.tone}`;
    this.about.textContent = fill(words.file, {
      format: (answer.format ?? "").toUpperCase(), width: answer.width, height: answer.height, size: Math.max(1, Math.round(answer.bytes / 1000)),
    });
    this.form.dataset.outcome = answer.outcome;
    this.form.dataset.looks = isWhole ? "whole" : "quick";
    this.form.dataset.answers = Number(this.form.dataset.answers ?? 0) + 1;
    for (const { mark, state, text } of answer.marks) {
      const lamp = this.lamps.get(mark);
      lamp.dataset.state = state;
      lamp.querySelector(".lamp-state").textContent = words[`state${state.charAt(0).toUpperCase()}${state.slice(1)}`];
      lamp.title = text ?? "";
    }
  }

  /** What the copy looks like, drawn here: the treated copy itself never leaves the server. */
  async draw() {
    if (!this.bitmap || this.isDrawing) return;
    this.isDrawing = true;
    const drawn = this.wanted;
    const { jpeg, scale = 1, crop = 1, turn = 0, screenshot } = this.attack;
    const { width, height } = this.bitmap;
    const factor = Math.min(4, scale * (screenshot ? 0.8 : 1));
    const side = (length) => Math.max(1, Math.round(length * crop * factor));
    this.canvas ??= document.createElement("canvas");
    const canvas = this.canvas;
    [canvas.width, canvas.height] = [side(width), side(height)];
    const pen = canvas.getContext("2d");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.translate(canvas.width / 2, canvas.height / 2);
    pen.rotate((-turn * Math.PI) / 180);
    pen.scale(factor, factor);
    // Only the middle: a turn would bring back what was cut away.
    const [w, h] = [width * crop, height * crop];
    pen.drawImage(this.bitmap, (width - w) / 2, (height - h) / 2, w, h, -w / 2, -h / 2, w, h);
    let source = canvas;
    const quality = jpeg ?? (screenshot ? 85 : null);
    if (quality) {
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality / 100));
      source = await createImageBitmap(blob);
    }
    const target = this.likeness;
    [target.width, target.height] = [source.width, source.height];
    target.getContext("2d").drawImage(source, 0, 0);
    source.close?.();
    this.isDrawing = false;
    if (drawn !== this.wanted) this.draw();
  }
}
