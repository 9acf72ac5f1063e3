// Masks as the API tells them: polygons, or COCO's run lengths.

/** Draws a mask, filled, into a canvas whose units are the picture's pixels. */
export function fillMask(pen, mask, colour) {
  pen.fillStyle = colour;
  if (Array.isArray(mask)) {
    outline(pen, mask);
    pen.fill("evenodd");
    return;
  }
  const part = rasterOf(mask, colour);
  if (!part) return;
  pen.imageSmoothingEnabled = false;
  pen.drawImage(part.canvas, part.x, part.y);
  pen.imageSmoothingEnabled = true;
}

/** Draws the outline of a mask, where it is polygons. */
export function strokeMask(pen, mask) {
  if (!Array.isArray(mask)) return;
  outline(pen, mask);
  pen.stroke();
}

function outline(pen, polygons) {
  pen.beginPath();
  for (const corners of polygons) {
    for (let i = 0; i < corners.length; i += 2) pen[i === 0 ? "moveTo" : "lineTo"](corners[i], corners[i + 1]);
    pen.closePath();
  }
}

const rasters = new WeakMap();

// The part of a mask that has anything, as a picture. Kept with its mask: moving the score draws the same ones again and again.
function rasterOf(mask, colour) {
  const kept = rasters.get(mask);
  if (kept?.colour === colour) return kept.part;
  const part = raster(mask, colour);
  rasters.set(mask, { colour, part });
  return part;
}

function raster({ size: [height, width], counts }, colour) {
  const runs = typeof counts === "string" ? decode(counts) : counts;
  // Down the columns, by turns outside and inside.
  const inside = [];
  for (let i = 0, at = 0; i < runs.length; at += runs[i++]) if (i % 2 === 1 && runs[i] > 0) inside.push([at, at + runs[i] - 1]);
  if (inside.length === 0) return null;
  let [top, bottom] = [height, 0];
  for (const [first, last] of inside) {
    const spans = Math.floor(first / height) !== Math.floor(last / height);
    top = Math.min(top, spans ? 0 : first % height);
    bottom = Math.max(bottom, spans ? height - 1 : last % height);
  }
  const left = Math.floor(inside[0][0] / height);
  const right = Math.min(width - 1, Math.floor(inside.at(-1)[1] / height));

  const canvas = new OffscreenCanvas(right - left + 1, bottom - top + 1);
  const pen = canvas.getContext("2d");
  pen.fillStyle = colour;
  for (const [first, last] of inside)
    for (let at = first; at <= last;) {
      const column = Math.floor(at / height);
      const end = Math.min(last, column * height + height - 1);
      pen.fillRect(column - left, (at % height) - top, 1, end - at + 1);
      at = end + 1;
    }
  return { canvas, x: left, y: top };
}

// COCO's text of run lengths: 5 bits a character from 48, and from the third on differences to the run before the last.
function decode(text) {
  const runs = [];
  for (let at = 0; at < text.length;) {
    let [value, shift, bits] = [0, 0, 0];
    do {
      bits = text.charCodeAt(at++) - 48;
      value |= (bits & 31) << shift;
      shift += 5;
    } while (bits & 32);
    if (bits & 16 && shift < 32) value |= -1 << shift;
    runs.push(runs.length > 2 ? value + runs.at(-2) : value);
  }
  return runs;
}
