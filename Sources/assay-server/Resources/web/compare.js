// The page Compare works as a form; here its fields show what was chosen.
import { highlight } from "./page.js";

const form = document.querySelector("[data-compare]");
for (const zone of form?.querySelectorAll(".zone") ?? []) {
  highlight(zone);
  const mark = zone.querySelector(".zone-mark");
  zone.querySelector("input").addEventListener("change", (event) => {
    const file = event.target.files[0];
    if (!file) return;
    const picture = new Image();
    picture.className = "chosen";
    picture.alt = "";
    picture.src = URL.createObjectURL(file);
    picture.addEventListener("load", () => (zone.querySelector(".chosen") ?? mark).replaceWith(picture), { once: true });
  });
}
// A picture that misses its field shall not take the page's place.
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => { if (!event.target.closest?.(".zone")) event.preventDefault(); });
}
form?.addEventListener("submit", () => {
  const button = form.querySelector("button");
  setTimeout(() => { button.disabled = true; });
});
window.addEventListener("pageshow", () => { const button = form?.querySelector("button"); if (button) button.disabled = false; });
