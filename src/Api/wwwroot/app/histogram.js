// A histogram of counts in ranges, with its numbers in a table.

import { h } from "./dom.js";
import { count, percent } from "./format.js";
import { table } from "./table.js";

/** bins: {from, to (null for none), count}; name(value): an edge as text; unit: what stands below the bars. */
export function histogram({ caption, bins, name, unit }) {
  const most = Math.max(1, ...bins.map(bin => bin.count));
  const sum = Math.max(1, bins.reduce((total, bin) => total + bin.count, 0));
  const short = ({ from, to }) => to == null ? `≥${name(from)}` : `<${name(to)}`;
  const long = ({ from, to }) => to == null ? `${name(from)} and more` : `${name(from)} to ${name(to)}`;
  return h("figure", { class: "histogram" },
    h("figcaption", null, caption),
    h("div", { class: "bars", "aria-hidden": "true" }, bins.map(bin => h("div", { title: `${long(bin)}: ${count(bin.count)}` },
      h("span", { class: "bar-value" }, bin.count > 0 && percent(bin.count / sum)),
      h("span", { class: "bar", style: { height: `${bin.count === 0 ? 0 : Math.max(1, 85 * bin.count / most)}%` } }),
      h("span", { class: "bar-name" }, short(bin))))),
    h("p", { class: "quiet small", "aria-hidden": "true" }, unit),
    h("details", null, h("summary", { class: "small" }, "Numbers"), table({
      caption, hideCaption: true, rows: bins, columns: [
        { label: "Range", text: long, header: true },
        { label: "Objects", text: bin => count(bin.count), numeric: true },
        { label: "Share", text: bin => percent(bin.count / sum, 1), numeric: true },
      ],
    })));
}
