// A dataset: its splits and versions, what the check found, what it holds, and its pictures.

import { blob, get, send } from "../api.js";
import { ask } from "../ask.js";
import { add, badge, facts, h, heading, problem, say } from "../dom.js";
import { count, counted, date, fixed, percent } from "../format.js";
import { histogram } from "../histogram.js";
import { picture } from "../picture.js";
import { navigate, reload } from "../router.js";
import { caller } from "../session.js";
import { table } from "../table.js";
import { visibilityBadge } from "./datasets.js";

const picturesAtOnce = 8;
const severities = { error: "bad", warning: "warn", information: "idle" };

export async function show(view, { params, signal }) {
  const base = `/v1/datasets/${encodeURIComponent(params.name)}`;
  const [dataset, versions, me] = await Promise.all([get(base, { signal }), get(`${base}/versions`, { signal }), caller()]);
  const fault = h("div");
  const usual = (dataset.splits.find(split => split.name === "test") ?? dataset.splits[0])?.name;
  const parts = h("div", { class: "stack wide" });

  add(
    view,
    h("div", null,
      h("p", { class: "crumb" }, h("a", { href: "/datasets" }, "Datasets")),
      heading(dataset.name, dataset.description, actionsOf(dataset, me, fault))),
    fault,
    dataset.withheld.length > 0 && h("p", { class: "note" }, `Its annotations are private: ${dataset.withheld.join(", ")} ${dataset.withheld.length === 1 ? "is" : "are"} told to its owner and administrators only.`),
    h("div", { class: "columns" },
      h("section", { class: "card" }, splitTable(dataset)),
      h("section", { class: "card" }, h("h2", null, `Version ${dataset.version}`), facts([
        ["Annotations", visibilityBadge(dataset.visibility)],
        ["Came from", { folder: "the server's data folder", upload: "an upload", path: "a folder of the server" }[dataset.source]],
        ["Owner", dataset.owner],
        ["Since", date(dataset.createdAt)],
        ["Hash", h("code", null, dataset.contentHash)],
      ]))),
    dataset.checks && h("section", { class: "card" }, h("h2", null, "What its check found"), checks(dataset.checks)),
    usual && splitChoice(dataset, usual, split => fill(split)),
    parts,
    versions.versions.length > 1 && h("section", { class: "card" }, versionTable(versions.versions)));

  const statistics = dataset.withheld.includes("statistics") ? null : get(`${base}/statistics`, { signal });
  async function fill(split) {
    const pictures = h("section", { class: "card", hidden: true });
    const numbers = h("div", { class: "stack wide" });
    parts.replaceChildren(numbers, pictures);
    showPictures(pictures, base, split, signal).catch(refusal => {
      if (signal.aborted) return;
      pictures.hidden = false;
      problem(pictures, refusal);
    });
    try {
      const found = (await statistics)?.splits.find(one => one.name === split);
      if (found) numbers.replaceChildren(...numbersOf(found));
    } catch (refusal) {
      if (!signal.aborted) problem(numbers, refusal);
    }
  }
  if (usual) await fill(usual);
  return dataset.name;
}

function actionsOf(dataset, me, fault) {
  if (!me || !(me.role === "administrator" || (me.role === "host" && dataset.owner === me.name))) return [];
  const base = `/v1/datasets/${encodeURIComponent(dataset.name)}`;
  const act = (label, kind, work) => h("button", {
    type: "button", class: kind, onclick: async () => {
      fault.replaceChildren();
      try {
        await work();
      } catch (refusal) {
        problem(fault, refusal);
      }
    },
  }, label);
  const other = dataset.visibility === "public" ? "private" : "public";
  return [
    act(`Make ${other}`, "", async () => {
      const text = other === "public" ? "Everybody who may read sees what is derived from its annotations: counts, curves, errors, and boxes on its pictures." : "Others than its owner and administrators then see headline numbers only.";
      if (!await ask({ title: `Make the annotations ${other}?`, text, action: `Make ${other}` })) return;
      await send("PATCH", base, { json: { visibility: other } });
      say(`The annotations are ${other}.`);
      await reload();
    }),
    dataset.source !== "folder" && act("Delete", "danger", async () => {
      if (!await ask({ title: `Delete ${dataset.name}?`, text: "All its versions and files are removed. Reports of evaluations on it stay, for administrators.", action: "Delete" })) return;
      await send("DELETE", base);
      say("Deleted.");
      await navigate("/datasets");
    }),
  ].filter(Boolean);
}

const splitTable = dataset => table({
  caption: "Splits", rows: dataset.splits, columns: [
    { label: "Split", value: split => split.name, header: true },
    { label: "Images", value: split => split.images, text: split => count(split.images), numeric: true },
    { label: "Objects", value: split => split.annotations, text: split => count(split.annotations), numeric: true },
    { label: "Categories", value: split => split.categories.length, numeric: true },
    ...(dataset.splits.some(split => split.fault) ? [{ label: "Fault", value: split => split.fault }] : []),
  ],
});

const versionTable = versions => table({
  caption: "Versions", rows: versions, columns: [
    { label: "Version", value: one => one.version, numeric: true, header: true, text: one => [one.version, one.isCurrent && h("span", { class: "tag beside" }, "current")] },
    { label: "Since", value: one => Date.parse(one.createdAt), text: one => date(one.createdAt) },
    { label: "By", value: one => one.createdBy },
    { label: "Format", value: one => one.format },
    { label: "Images", value: one => one.splits.reduce((total, split) => total + split.images, 0), numeric: true },
    { label: "Hash", text: one => h("code", { title: one.contentHash }, one.contentHash.slice(0, 12)) },
  ],
});

function checks({ warnings, information, findings }) {
  if (findings.length === 0) return h("p", null, badge("Nothing: it is in order.", "good"));
  return h("div", { class: "stack" },
    h("p", { class: "quiet" }, `${counted(warnings, "warning")}, ${counted(information, "remark")}. It can be used; warnings may surprise in numbers that are made with it.`),
    findings.map(({ kind, severity, title, count: times, examples }) => h("details", null,
      h("summary", null, badge(`${title} `, severities[severity]), h("span", { class: "tag" }, `${count(times)} ×`)),
      h("p", { class: "quiet small" }, kind),
      h("ul", { class: "faults" }, examples.map(({ file, record, field, fault }) => h("li", null, [file, record, field].filter(Boolean).map(part => [h("code", null, part), " "]), fault))))));
}

function splitChoice(dataset, chosen, choose) {
  if (dataset.splits.length === 1) return h("h2", null, `Split ${chosen}`);
  return h("fieldset", { class: "plain-fieldset", onchange: event => choose(event.target.value) }, h("legend", { class: "visually-hidden" }, "Split"),
    h("div", { class: "segments" }, dataset.splits.map(({ name }) => h("label", null, h("input", { type: "radio", name: "split", value: name, checked: name === chosen }), name))));
}

function numbersOf(split) {
  if (split.fault) {
    const place = h("div");
    problem(place, { title: "This split cannot be read", detail: split.fault });
    return [place];
  }
  const one = (name, value, below) => h("div", null, h("dt", null, name), h("dd", null, value, below && h("small", null, below)));
  const sized = Math.max(1, split.small + split.medium + split.large);
  const size = (name, value, below) => one(name, percent(value / sized), below);
  return [
    h("dl", { class: "stats" },
      one("Images", count(split.images), split.emptyImages ? `${count(split.emptyImages)} without objects` : "each with objects"),
      one("Objects", count(split.objects), [split.crowds && counted(split.crowds, "crowd"), split.ignored && `${count(split.ignored)} ignored`, split.masks && `${count(split.masks)} with masks`].filter(Boolean).join(", ") || "boxes"),
      split.objectsPerImage && one("Objects an image", fixed(split.objectsPerImage.mean, 1), `${split.objectsPerImage.fewest} to ${split.objectsPerImage.most}`),
      size("Small", split.small, "up to 32² pixels"), size("Medium", split.medium, "up to 96²"), size("Large", split.large, "above")),
    h("div", { class: "columns" },
      h("section", { class: "card" }, histogram({ caption: "Relative scale", bins: split.relativeScale, name: fraction, unit: "√(object's area ÷ image's area)" })),
      h("section", { class: "card" }, histogram({ caption: "Absolute scale", bins: split.absoluteScale, name: String, unit: "√(object's area), pixels" }))),
    h("div", { class: "columns" },
      h("section", { class: "card" }, categoryTable(split)),
      h("section", { class: "card" }, histogram({ caption: "Aspect", bins: split.aspect, name: fraction, unit: "width ÷ height of the box" }))),
  ];
}

function categoryTable({ categories, objects, crowds }) {
  const most = Math.max(1, ...categories.map(category => category.objects));
  return table({
    caption: "Categories", rows: categories, columns: [
      { label: "Category", value: category => category.name, header: true },
      { label: "Objects", value: category => category.objects, text: category => count(category.objects), numeric: true },
      { label: "Share", value: category => category.objects, text: category => h("span", { class: "share" }, h("span", { class: "share-bar", "aria-hidden": "true" }, h("span", { style: { width: `${100 * category.objects / most}%` } })), percent(category.objects / Math.max(1, objects), 1)) },
      { label: "Images", value: category => category.images, text: category => count(category.images), numeric: true },
      ...(crowds > 0 ? [{ label: "Crowds", value: category => category.crowds, text: category => count(category.crowds), numeric: true }] : []),
    ],
  });
}

// Edges are powers of two.
const fraction = value => value === 0 ? "0" : value < 1 ? `1/${Math.round(1 / value)}` : String(value);

async function showPictures(place, base, split, signal) {
  let offset = 0;
  const grid = h("div", { class: "pictures" });
  const told = h("p", { class: "quiet small" });
  const step = (label, by) => h("button", {
    type: "button", class: "small", onclick: async () => {
      offset += by;
      try {
        await load();
      } catch (refusal) {
        if (!signal.aborted) problem(grid, refusal);
      }
    },
  }, label);
  const [back, on] = [step("Earlier", -picturesAtOnce), step("Later", picturesAtOnce)];

  async function load() {
    const list = await get(`${base}/images?split=${encodeURIComponent(split)}&offset=${offset}&limit=${picturesAtOnce}`, { signal });
    const withPictures = list.images.filter(image => image.picture);
    place.hidden = withPictures.length === 0;
    told.textContent = `${count(offset + 1)} to ${count(offset + list.images.length)} of ${count(list.total)}${list.withheld.length > 0 ? "; their boxes are private" : ""}`;
    [back.disabled, on.disabled] = [offset === 0, offset + picturesAtOnce >= list.total];
    grid.replaceChildren(...await Promise.all(withPictures.map(image => figure(image, signal))));
  }

  place.replaceChildren(h("div", { class: "card-head" }, h("h2", null, "Pictures"), h("div", { class: "actions" }, told, back, on)), grid);
  await load();
}

async function figure({ picture: address, fileName, width, height, annotations }, signal) {
  const small = await blob(`${address}${address.includes("?") ? "&" : "?"}width=640`, { signal });
  const shown = picture({ source: small, ...(width > 0 && { width, height }), detections: annotations ?? [], labels: "picked", largestHeight: 0.27 });
  return h("figure", null, shown, h("figcaption", { class: "quiet small" }, fileName, annotations && `, ${counted(annotations.length, "object")}`));
}
