// What objects are taken for.

import { matrix } from "../chart.js";
import { h } from "../dom.js";
import { count, fixed, percent } from "../format.js";
import { table } from "../table.js";
import { section } from "./report.js";

const mostDrawn = 20;
const mostPairs = 12;

export function confusion(report) {
  const found = report.errors?.confusion;
  if (!found || found.categories.length < 2 || found.cells.length === 0) return null;
  const background = found.categories.length;
  const nameOf = (k, none) => k === background ? none : found.categories[k].name;
  const counts = new Map(found.cells.map(({ truth, detected, count: times }) => [`${truth} ${detected}`, times]));
  const shown = choose(found);
  const isPart = shown.length - 1 < background;
  const chart = matrix({
    caption: `What is taken for what, from score ${fixed(found.scoreThreshold)} on, IoU ${found.iouThreshold}`,
    note: `Percent of the row${isPart ? `; of ${background} categories the ${shown.length - 1} that are confused most` : ""}. The last row holds detections on nothing, the last column objects that nothing was detected on.`,
    rowLabel: "in truth", columnLabel: "detected as", rows: shown.map(k => nameOf(k, "nothing there")), columns: shown.map(k => nameOf(k, "not found")),
    cell: (row, column) => {
      const [truth, detected] = [shown[row], shown[column]];
      const times = counts.get(`${truth} ${detected}`) ?? 0;
      const share = found.truthTotals[truth] > 0 ? times / found.truthTotals[truth] : null;
      if (truth === background && detected === background) return { text: "", share: null, title: null };
      return { text: times === 0 ? "·" : percent(share), share, title: `${meaning(truth, detected)}: ${count(times)} of ${count(found.truthTotals[truth])}`, isRight: truth === detected };
    },
  });
  const pairs = found.cells.filter(({ truth, detected }) => truth !== detected && truth < background && detected < background).toSorted((a, b) => b.count - a.count).slice(0, mostPairs);
  return section("confusion", "Confusion", chart, pairs.length > 0 && h("details", null, h("summary", { class: "small" }, "Categories that are taken for each other most often"), table({
    caption: "Categories that are taken for each other most often", hideCaption: true, rows: pairs,
    columns: [
      { label: "In truth", value: ({ truth }) => nameOf(truth), header: true },
      { label: "Taken for", value: ({ detected }) => nameOf(detected) },
      { label: "Count", value: pair => pair.count, text: pair => count(pair.count), numeric: true },
      { label: "Of all", value: pair => pair.count / found.truthTotals[pair.truth], text: pair => percent(pair.count / found.truthTotals[pair.truth], 1), numeric: true },
    ],
  })));

  function meaning(truth, detected) {
    if (truth === background) return `nothing taken for ${nameOf(detected)}`;
    if (detected === background) return `${nameOf(truth)} not found`;
    return truth === detected ? `${nameOf(truth)} found` : `${nameOf(truth)} taken for ${nameOf(detected)}`;
  }
}

/** Of many categories those that are confused most, then the background. */
function choose({ categories, cells, truthTotals }) {
  const background = categories.length;
  const all = Array.from({ length: background }, (_, k) => k);
  if (background <= mostDrawn) return [...all, background];
  const confused = new Array(background).fill(0);
  for (const { truth, detected, count: times } of cells) {
    if (truth === detected || truth === background || detected === background) continue;
    confused[truth] += times;
    confused[detected] += times;
  }
  return [...all.toSorted((a, b) => confused[b] - confused[a] || truthTotals[b] - truthTotals[a]).slice(0, mostDrawn).sort((a, b) => a - b), background];
}
