// What the parts of a report's page share.

import { h } from "../dom.js";

/** A part of the page with its heading. */
export const section = (id, title, ...children) =>
  h("section", { class: "card stack", id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), children);

/** Charts side by side where there is room. */
export const pair = (...charts) => h("div", { class: "pair" }, charts);

/** What stands in place of something that is not told. */
export const withheld = what => h("p", { class: "note" }, `${what} withheld: the annotations of this dataset are private, and only its owner and administrators see what tells about single objects.`);

/** Whether a report leaves something out; names are those of its list. */
export const isWithheld = (report, name) => report.withheld?.includes(name) ?? false;

/** A number of a report; null where COCO writes -1. */
export const number = value => value == null || value === -1 ? null : value;

/** The numbers of the summary: {name, value, metric, interval: {lower, upper} or null}. */
export function numbersOf(report) {
  return report.statsNames.map((name, i) => ({
    name, value: number(report.stats?.[i]), metric: report.metrics?.[i] ?? null,
    interval: report.intervals?.estimates.find(estimate => estimate.categoryId === null && estimate.name === name)?.interval ?? null,
  }));
}

/** Where an IoU threshold is none: the range of all of them. */
export function overlap(threshold, { iouThresholds: all }) {
  const text = value => value.toFixed(4).replace(/(\.\d\d)0+$/, "$1");
  const single = threshold ?? (all.length === 1 ? all[0] : null);
  return single == null ? `${text(all[0])}:${text(all.at(-1))}` : text(single);
}

/** Which sizes a range holds: "32² to 96²", "from 1/4"; empty for all. */
export function sizeText({ measure = "area", lower, upper }) {
  const limit = { area: 1e10, scale: 1e5, relativeScale: 1 }[measure];
  const text = value => {
    if (measure === "area") return Number.isInteger(Math.sqrt(value)) ? `${Math.sqrt(value)}²` : String(value);
    return measure === "relativeScale" && value > 0 && value < 1 && Number.isInteger(1 / value) ? `1/${1 / value}` : String(value);
  };
  if (lower <= 0) return upper >= limit ? "" : `up to ${text(upper)}`;
  return upper >= limit ? `from ${text(lower)}` : `${text(lower)} to ${text(upper)}`;
}

/** Looks up a category's name by its id. */
export const categoryNames = report => new Map(report.perCategory.map(({ id, name }) => [id, name]));
