// A picture with what was found on it, and with what is there.

import { h } from "./dom.js";
import { fixed } from "./format.js";
import { fillMask, strokeMask } from "./masks.js";

const largestZoom = 6;
const labelHeight = 18;
const dark = "rgb(10 12 18 / 0.7)";
let pictures = 0;

/** The colour of a category: the same everywhere, by its id. */
export const colourOf = categoryId => `oklch(0.78 0.16 ${((categoryId * 137.508 + 25) % 360).toFixed(1)})`;

/**
 * An element that shows a picture: boxes, masks, keypoints and labels, readable at any size of the picture.
 * source: Blob or address, null to show boxes alone; width, height: the picture's, in whose pixels boxes are (else those of the source).
 * detections: {category, categoryId, score?, box: {x1, y1, x2, y2}, mask?, keypoints?, colour?, label?}; groundTruth: the same, drawn dashed.
 * labels: "all", or "picked" for that of the picked box alone. largestHeight: share of the window's.
 * A box is picked by the pointer, or by the arrow keys; the element sends "pick" with the index in detail (null for none).
 * It has update({minScore, detections, groundTruth}) and pick(index), which draw anew without asking, and ready, a promise.
 */
export function picture({ source = null, width, height, detections = [], groundTruth = [], minScore = 0, labels = "all", largestHeight = 0.72 }) {
  const id = `picture-${++pictures}`;
  const canvas = h("canvas", { role: "presentation" });
  const options = h("div", { class: "visually-hidden", role: "presentation" });
  const element = h("div", { class: "picture", role: "listbox", tabIndex: 0, "aria-label": "Picture" }, canvas, options);
  const pen = canvas.getContext("2d");
  let bitmap = null;
  let size = { width: width ?? 0, height: height ?? 0 };
  let scale = 1;
  let picked = null;

  const visible = () => detections.map((_, index) => index).filter(index => (detections[index].score ?? 1) >= minScore);

  element.update = change => {
    ({ minScore, detections, groundTruth } = { minScore, detections, groundTruth, ...change });
    if (picked != null && !visible().includes(picked)) picked = null;
    describe();
    draw();
  };
  element.pick = index => {
    if (index === picked) return;
    picked = index;
    mark();
    draw();
  };
  element.ready = open();
  element.addEventListener("pointermove", event => event.pointerType === "mouse" && choose(at(event)));
  element.addEventListener("pointerdown", event => choose(at(event)));
  element.addEventListener("pointerleave", event => event.pointerType === "mouse" && document.activeElement !== element && choose(null));
  element.addEventListener("blur", () => choose(null));
  element.addEventListener("keydown", event => {
    const list = visible();
    const place = list.indexOf(picked);
    const next = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place < 0 ? list.length - 1 : place - 1, ArrowUp: place < 0 ? list.length - 1 : place - 1, Home: 0, End: list.length - 1 }[event.key];
    if (event.key === "Escape") choose(null);
    else if (next === undefined || list.length === 0) return;
    else choose(list[(next + list.length) % list.length]);
    event.preventDefault();
  });
  new ResizeObserver(() => draw()).observe(element);
  return element;

  async function open() {
    if (source) {
      try {
        bitmap = typeof source === "string" ? await load(source) : await createImageBitmap(source);
        size = { width: width ?? bitmap.width, height: height ?? bitmap.height };
      } catch {
        // The server may read what this browser cannot show: boxes stand on an empty ground then.
        element.classList.add("without-picture");
      }
    }
    describe();
    draw();
  }

  function choose(index) {
    if (index === picked) return;
    element.pick(index);
    element.dispatchEvent(new CustomEvent("pick", { detail: index }));
  }

  // The smallest box below the pointer: larger ones are reached beside it.
  function at(event) {
    const frame = canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - frame.left) / scale, (event.clientY - frame.top) / scale];
    const area = index => (detections[index].box.x2 - detections[index].box.x1) * (detections[index].box.y2 - detections[index].box.y1);
    const below = visible().filter(index => {
      const { x1, y1, x2, y2 } = detections[index].box;
      return x >= x1 && x <= x2 && y >= y1 && y <= y2;
    });
    return below.length > 0 ? below.reduce((best, index) => area(index) < area(best) ? index : best) : null;
  }

  function describe() {
    const list = visible();
    element.setAttribute("aria-label", list.length > 0
      ? `Picture with ${list.length} ${list.length === 1 ? "detection" : "detections"}; the arrow keys go through them`
      : "Picture without detections");
    options.replaceChildren(...list.map(index => h("div", { role: "option", id: `${id}-${index}`, "aria-selected": "false" }, textOf(detections[index]))));
    mark();
  }

  function mark() {
    for (const option of options.children) option.setAttribute("aria-selected", option.id === `${id}-${picked}`);
    if (picked == null) element.removeAttribute("aria-activedescendant");
    else element.setAttribute("aria-activedescendant", `${id}-${picked}`);
  }

  function draw() {
    canvas.hidden = !size.width;
    if (!size.width || !element.clientWidth) return;
    scale = Math.min(element.clientWidth / size.width, largestZoom, Math.max(160, innerHeight * largestHeight) / size.height);
    const dots = devicePixelRatio || 1;
    const [wide, high] = [Math.max(1, Math.round(size.width * scale)), Math.max(1, Math.round(size.height * scale))];
    canvas.style.width = `${wide}px`;
    canvas.style.height = `${high}px`;
    canvas.width = wide * dots;
    canvas.height = high * dots;

    pen.setTransform(scale * dots, 0, 0, scale * dots, 0, 0);
    if (bitmap) pen.drawImage(bitmap, 0, 0, size.width, size.height);
    // The best come last, on top.
    const order = visible().toReversed();
    for (const index of order) if (detections[index].mask) drawMask(detections[index], index === picked);
    pen.setTransform(dots, 0, 0, dots, 0, 0);
    for (const truth of groundTruth) drawBox(truth.box, truth.colour ?? "white", { dashed: true });
    for (const index of order) if (index !== picked) drawFound(detections[index], picked == null ? 1 : 0.35);
    const taken = [];
    if (picked == null) {
      if (labels === "all") for (const index of order.toReversed()) drawLabel(detections[index], taken, false);
    } else {
      drawFound(detections[picked], 1, 3.5);
      drawLabel(detections[picked], taken, true);
    }
  }

  function drawMask(found, isPicked) {
    const colour = found.colour ?? colourOf(found.categoryId);
    pen.globalAlpha = isPicked ? 0.6 : picked == null ? 0.4 : 0.15;
    fillMask(pen, found.mask, colour);
    pen.globalAlpha = picked == null || isPicked ? 1 : 0.35;
    pen.strokeStyle = colour;
    pen.lineWidth = 1.25 / scale;
    strokeMask(pen, found.mask);
    pen.globalAlpha = 1;
  }

  function drawFound(found, alpha, lineWidth = 2) {
    const colour = found.colour ?? colourOf(found.categoryId);
    pen.globalAlpha = alpha;
    drawBox(found.box, colour, { lineWidth });
    pen.fillStyle = colour;
    for (const { x, y, score = 1 } of found.keypoints ?? []) {
      if (score < 0.3) continue;
      pen.beginPath();
      pen.arc(x * scale, y * scale, 3, 0, 7);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  // A dark line below the coloured one: it is seen on any ground.
  function drawBox({ x1, y1, x2, y2 }, colour, { dashed = false, lineWidth = 2 } = {}) {
    const frame = [x1 * scale, y1 * scale, (x2 - x1) * scale, (y2 - y1) * scale];
    pen.strokeStyle = dark;
    pen.lineWidth = lineWidth + 1.5;
    pen.strokeRect(...frame);
    pen.setLineDash(dashed ? [6, 4] : []);
    pen.strokeStyle = colour;
    pen.lineWidth = lineWidth;
    pen.strokeRect(...frame);
    pen.setLineDash([]);
  }

  // One that is much wider than its box, or would cover another, is left out: the picked one always has its label.
  function drawLabel(found, taken, always) {
    pen.font = "600 12px system-ui, sans-serif";
    const room = (found.box.x2 - found.box.x1) * scale;
    let text = textOf(found);
    let wide = pen.measureText(text).width + 10;
    if (!always && wide > 1.25 * room) {
      text = found.label ?? found.category;
      wide = pen.measureText(text).width + 10;
      if (wide > Math.max(1.5 * room, 48)) return;
    }
    const left = Math.max(0, Math.min(found.box.x1 * scale - 1, size.width * scale - wide));
    const above = found.box.y1 * scale - labelHeight;
    const top = above >= 0 ? above : Math.min(found.box.y1 * scale, size.height * scale - labelHeight);
    const covers = other => left < other.left + other.wide && other.left < left + wide && top < other.top + labelHeight && other.top < top + labelHeight;
    if (!always && (taken.some(covers) || wide > size.width * scale)) return;
    taken.push({ left, top, wide });
    pen.fillStyle = found.colour ?? colourOf(found.categoryId);
    pen.fillRect(left, top, wide, labelHeight);
    pen.fillStyle = "#0d0f14";
    pen.textBaseline = "middle";
    pen.fillText(text, left + 5, top + labelHeight / 2 + 0.5);
  }
}

const textOf = ({ label, category, score }) => label ?? (score == null ? category : `${category} ${fixed(score)}`);

async function load(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}
