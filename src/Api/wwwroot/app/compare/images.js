// Images on which evaluations disagree.

import { get } from "../api.js";
import { h, problem } from "../dom.js";
import { count, counted, fixed } from "../format.js";
import { card, legendOf } from "../report/gallery.js";
import { section, withheld } from "../report/report.js";
import { table } from "../table.js";

export function disagreements({ images, evaluations, withheld: left }, signal) {
  if (left.includes("images")) return section("images", "Images", withheld("Images on which they disagree are"));
  if (!images || images.most.length === 0) return section("images", "Images", h("p", { class: "quiet" }, "There is no image on which they disagree."));
  const place = h("div", { class: "stack" });
  const look = image => h("button", { type: "button", class: "small", "aria-label": `Look at ${titleOf(image)}`, onclick: () => show(image) }, "Look");
  return section("images", "Images on which they disagree most",
    h("p", { class: "quiet small" }, `${counted(images.disagreeing, "image")} of all; each evaluation is looked at from the score of its own highest F1 on (${images.results.map(({ name, scoreThreshold }) => `${name}: ${fixed(scoreThreshold)}`).join(", ")}), at IoU ${images.iouThreshold}.`),
    table({
      caption: "Images on which the evaluations disagree most", hideCaption: true, rows: images.most,
      columns: [
        { label: "Image", value: titleOf, text: row => h("span", { class: "nowrap" }, titleOf(row)), header: true },
        { label: "", text: look },
        { label: "Objects", value: row => row.objects, text: row => count(row.objects), numeric: true },
        { label: "Found by all", value: row => row.foundByAll, text: row => count(row.foundByAll), numeric: true },
        { label: "Found by some", value: row => row.foundBySome, text: row => count(row.foundBySome), numeric: true },
        ...images.results.map(({ name }, i) => ({
          label: name, value: row => row.results[i].truePositives - row.results[i].falsePositives, numeric: true, hint: `Found and wrong detections of ${name}`,
          text: row => `${count(row.results[i].truePositives)} found, ${count(row.results[i].falsePositives)} wrong`,
        })),
      ],
    }),
    place);

  async function show(image) {
    const list = h("div", { class: "gallery" });
    place.replaceChildren(h("h3", { tabIndex: -1 }, titleOf(image)), legendOf(), list);
    place.firstChild.focus();
    try {
      const pages = await Promise.all(evaluations.map(({ id }) => get(`/v1/evaluations/${id}/gallery?image=${image.imageId}`, { signal })));
      list.replaceChildren(...pages.map((page, i) => page.images.length > 0 ? card(page.images[0], signal, evaluations[i].name) : ""));
    } catch (fault) {
      if (!signal.aborted) problem(list, fault);
    }
  }
}

const titleOf = ({ fileName, imageId }) => fileName || `image ${imageId}`;
