// Images on which it goes wrong, with what is there and what was found.

import { blob, get } from "../api.js";
import { busy, h, problem } from "../dom.js";
import { choice } from "../fields.js";
import { count, counted, fixed, points } from "../format.js";
import { picture } from "../picture.js";
import { section, withheld } from "./report.js";

const perPage = 12;
const kinds = [
  ["worst", "Worst", "Images with an error, those of the lowest F1 first."],
  ["missed", "Missed", "Images with objects that nothing was detected on, those with most of them first."],
  ["false", "False", "Images with detections on nothing, that of the highest score first."],
  ["confused", "Confused", "Images with objects that are taken for another category, that of the highest score first."],
];

/** Colours of what became of a detection or an object: told apart on any picture, and named in the legend. */
const colours = { matched: "oklch(0.8 0.19 150)", confused: "oklch(0.82 0.17 75)", false: "oklch(0.72 0.19 25)", missed: "oklch(0.8 0.15 320)", ignored: "oklch(0.8 0.01 260)", truth: "white" };
const legend = [["matched", "found"], ["confused", "another category"], ["false", "nothing is there"], ["missed", "not found (dashed)"], ["truth", "in truth (dashed)"]];

export function gallery(evaluation, signal) {
  const list = h("div", { class: "gallery" });
  const about = h("p", { class: "quiet small" });
  const more = h("div", { class: "turn" });
  const category = choice("category", [{ value: "", label: "all" }, ...evaluation.report.perCategory.filter(({ id }) => id >= 0).map(({ id, name }) => ({ value: String(id), label: name }))]);
  const kind = h("fieldset", { class: "segments" }, h("legend", { class: "visually-hidden" }, "Which images"),
    kinds.map(([value, label]) => h("label", null, h("input", { type: "radio", name: "kind", value, checked: value === "worst" }), label)));
  const form = h("form", { class: "filters", onchange: () => start() }, kind, h("label", { class: "field inline" }, "Category", category));
  const element = section("gallery", "Images", form, about, legendOf(), list, more);
  let turn = 0;
  start();
  return element;

  /** Begins anew: what was asked for before is not shown any more. */
  function start() {
    turn++;
    busy(list);
    more.replaceChildren();
    load(0, turn);
  }

  async function load(offset, mine) {
    const chosen = form.elements.kind.value;
    try {
      const page = await get(`/v1/evaluations/${evaluation.id}/gallery?${new URLSearchParams({ kind: chosen, offset, limit: perPage, ...(category.value && { category: category.value }) })}`, { signal });
      if (mine !== turn) return;
      if (page.withheld.length > 0) {
        element.replaceChildren(element.firstChild, withheld("Single images are"));
        return;
      }
      about.textContent = `${kinds.find(([name]) => name === chosen)[2]} Shown are detections from score ${fixed(page.scoreThreshold)} on, that of the highest F1; right from IoU ${page.iouThreshold} on.`;
      const cards = page.images.map(image => card(image, signal));
      if (offset === 0) list.replaceChildren(...(cards.length > 0 ? cards : [h("p", { class: "quiet" }, "There is no such image.")]));
      else list.append(...cards);
      const shown = offset + page.images.length;
      more.replaceChildren(
        h("span", { class: "quiet small" }, page.total > 0 ? `${count(shown)} of ${counted(page.total, "image")}` : ""),
        ...(shown < page.total ? [h("button", { type: "button", class: "small", onclick: ({ target }) => { target.disabled = true; load(shown, mine); } }, "More")] : []));
    } catch (fault) {
      if (!signal.aborted && mine === turn) problem(list, fault);
    }
  }
}

/** What the colours mean. */
export const legendOf = () => h("ul", { class: "legend" }, legend.map(([verdict, text]) => h("li", null, h("i", { style: { background: colours[verdict] } }), text)));

/** An image of the gallery: the picture, and what came of it in words. */
export function card(image, signal, title = image.fileName || `image ${image.id}`) {
  const view = pictureOf(image);
  const found = `${image.truePositives} of ${counted(image.truePositives + image.falseNegatives, "object")} found, ${image.falsePositives} wrong`;
  const place = h("div", { class: "gallery-picture" }, h("div", { class: "gallery-waiting" }));
  load();
  return h("figure", null, place, h("figcaption", { class: "small" },
    h("div", { class: "card-head" }, h("b", null, title), h("button", { type: "button", class: "quiet small", "aria-label": `Enlarge ${title}`, onclick: enlarge }, "Enlarge")),
    h("span", { class: "quiet" }, `${found}${image.f1 == null ? "" : ` · F1 ${points(image.f1)}`}`)));

  async function load() {
    place.replaceChildren(await view(signal));
  }

  async function enlarge() {
    const dialog = h("dialog", { class: "enlarged", "aria-label": title }, h("div", { class: "card-head" }, h("h2", null, title), h("button", { type: "button", onclick: () => dialog.close() }, "Close")),
      await view(signal), legendOf(), h("p", { class: "quiet small" }, `${found}.`));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
}

/** Gives a function that draws an image; the picture is asked for once. */
function pictureOf(image) {
  let source = null;
  return async signal => {
    if (image.picture) source ??= blob(image.picture, { signal }).catch(() => null);
    return picture({
      source: await source, width: image.width || undefined, height: image.height || undefined,
      detections: image.detections.map(found => ({ ...found, colour: colours[found.verdict], label: labelOf(found) })),
      groundTruth: image.groundTruth.map(object => ({ ...object, colour: object.verdict === "missed" ? colours.missed : colours.truth })),
    });
  };
}

const labelOf = ({ category, score, verdict, truth }) => `${category} ${fixed(score)}${verdict === "confused" ? `, is ${truth}` : ""}`;
