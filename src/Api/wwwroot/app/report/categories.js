// The numbers of every category.

import { h } from "../dom.js";
import { count, fixed, points } from "../format.js";
import { table } from "../table.js";
import { isWithheld, number, section } from "./report.js";

const few = 12;

export function categories(report) {
  if (report.perCategory.length === 0) return null;
  const intervals = new Map((report.intervals?.estimates ?? []).filter(({ categoryId }) => categoryId !== null).map(({ categoryId, interval }) => [categoryId, interval]));
  const curves = new Map((report.errors?.categories ?? []).map(curve => [curve.categoryId, curve]));
  const has = name => report.perCategory.some(category => number(category[name]) !== null);
  const metric = (label, name, hint) => ({ label, value: row => number(row[name]), text: row => points(number(row[name])), numeric: true, hint });
  const best = id => curves.get(id)?.best;
  const columns = [
    { label: "Category", value: row => row.name, header: true },
    !isWithheld(report, "perCategory.objects") && { label: "Objects", value: row => row.objects, text: row => count(row.objects), numeric: true, hint: "Objects that somebody has to find" },
    metric("AP", "ap", "Average precision"),
    { label: "", text: row => barOf(number(row.ap), intervals.get(row.id)) },
    intervals.size > 0 && {
      label: "Interval", value: row => intervals.get(row.id)?.lower, hint: `${100 * report.intervals.options.level} % interval of AP`, numeric: true,
      text: row => intervals.get(row.id) ? `${points(intervals.get(row.id).lower)} to ${points(intervals.get(row.id).upper)}` : "–",
    },
    has("ap50") && has("ap75") && metric("AP50", "ap50", "Average precision at IoU 0.5"),
    has("ap75") && metric("AP75", "ap75", "Average precision at IoU 0.75"),
    metric("AR", "ar", "Average recall"),
    curves.size > 0 && { label: "Best F1", value: row => best(row.id)?.f1, text: row => points(best(row.id)?.f1), numeric: true, hint: "The highest F1 over all scores" },
    curves.size > 0 && { label: "at score", value: row => best(row.id)?.threshold, text: row => fixed(best(row.id)?.threshold), numeric: true, hint: "The score from which F1 is highest" },
  ].filter(Boolean);
  const all = table({ caption: "Numbers by category", hideCaption: true, columns, rows: report.perCategory, empty: "No category has this name.", sort: report.perCategory.length > few ? { column: columns.findIndex(({ label }) => label === "AP"), descending: true } : null });
  return section("categories", "Categories",
    report.perCategory.length > few && h("label", { class: "field inline" }, "Find", h("input", {
      type: "search", oninput: ({ target }) => all.update(report.perCategory.filter(({ name }) => name.toLowerCase().includes(target.value.trim().toLowerCase()))),
    })),
    all,
    isWithheld(report, "perCategory.objects") && h("p", { class: "quiet small" }, "Numbers of objects are withheld: the annotations are private."));
}

const barOf = (value, interval) => value === null ? "" : h("span", {
  class: "track", "aria-hidden": "true", style: { "--value": value, "--lower": interval?.lower ?? value, "--upper": interval?.upper ?? value },
});
