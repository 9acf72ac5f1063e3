// Differences of two evaluations: of the summary, by size, by category.

import { bar } from "../chart.js";
import { h } from "../dom.js";
import { choice } from "../fields.js";
import { difference, points } from "../format.js";
import { pair as beside, section } from "../report/report.js";
import { table } from "../table.js";
import { chance, shortVerdict } from "./verdict.js";

const mostDrawn = 20;
const colours = { better: 2, worse: 1, "may be chance": 5, "no number": 5 };

// APs, ARm@300, and by how frequent categories are; scales such as RSAP(1/8-1/4).
const isBySize = name => /^A[PR][smlrcf](@\d+)?$|\(/.test(name);

export function differences({ comparison }) {
  const { numbers, results } = comparison;
  const summary = numbers.filter(({ categoryId }) => categoryId === null);
  const categories = numbers.filter(({ categoryId }) => categoryId !== null);
  const pairs = summary[0].differences.map(({ first, second }) => [first, second]);
  const select = choice("pair", pairs.map(([first, second], i) => ({ value: String(i), label: `${first} minus ${second}` })));
  const place = h("div", { class: "stack" });
  select.addEventListener("change", () => show(Number(select.value)));
  show(0);
  return section("differences", "Differences", results.length > 2 && h("label", { class: "field inline" }, "Of", select), place);

  function show(index) {
    const of = number => number.differences[index];
    const rowsOf = list => list.map(number => ({ name: nameOf(number), number, pair: of(number) }));
    const drawn = rowsOf(categories).filter(({ pair }) => pair.difference.value != null).sort((a, b) => b.pair.difference.value - a.pair.difference.value);
    const most = drawn.length <= mostDrawn ? drawn
      : drawn.toSorted((a, b) => Math.abs(b.pair.difference.value) - Math.abs(a.pair.difference.value)).slice(0, mostDrawn).sort((a, b) => b.pair.difference.value - a.pair.difference.value);
    const [first, second] = pairs[index];
    const named = `${first} minus ${second}`;
    place.replaceChildren(
      h("p", { class: "quiet small" }, `Right of 0 ${first} is better, left of it ${second}. Green: significantly better; orange: significantly worse; grey: chance alone may make as much. Lines are intervals.`),
      beside(...[
        chart("Summary", named, rowsOf(summary.filter(({ name }) => !isBySize(name)))),
        chart("By size", named, rowsOf(summary.filter(({ name }) => isBySize(name)))),
        chart(drawn.length > most.length ? `Average precision of the ${most.length} categories that differ most` : "Average precision by category", named, most),
      ].filter(Boolean)),
      drawn.length > most.length ? h("details", null, h("summary", null, `All ${drawn.length} categories`), numbersOf(`Average precision by category, ${named}`, drawn)) : "");
  }

  function chart(title, named, rows) {
    if (rows.length === 0) return null;
    return bar({
      caption: `${title}: ${named}`, rowLabel: "Number", labels: rows.map(({ name }) => name), colours: rows.map(({ pair }) => colours[shortVerdict(pair)]),
      axis: { label: "points", from: -0.01, to: 0.01, format: value => difference(value) },
      series: [{ label: "Difference", values: rows.map(({ pair }) => pair.difference.value), ends: rows.map(({ pair: { difference: { interval } } }) => interval && [interval.lower, interval.upper]) }],
      numbers: columnsOf(rows),
    });
  }

  function columnsOf(rows) {
    const valueOf = (row, result) => row.number.results.find(one => one.result === result)?.estimate.value;
    const { first, second } = rows[0].pair;
    return {
      rows,
      columns: [
        { label: "Number", value: row => row.name, header: true },
        { label: first, value: row => valueOf(row, first), text: row => points(valueOf(row, first)), numeric: true },
        { label: second, value: row => valueOf(row, second), text: row => points(valueOf(row, second)), numeric: true },
        { label: "Difference", value: row => row.pair.difference.value, text: row => difference(row.pair.difference.value), numeric: true },
        { label: "Interval", value: row => row.pair.difference.interval?.lower, numeric: true, text: ({ pair: { difference: { interval } } }) => interval ? `${difference(interval.lower)} to ${difference(interval.upper)}` : "–" },
        { label: "p (Holm)", value: row => row.pair.adjustedPValue, text: row => row.pair.adjustedPValue == null ? "–" : chance(row.pair.adjustedPValue), numeric: true },
        { label: first.length + second.length < 40 ? `${first} is` : "The first is", value: row => shortVerdict(row.pair) },
      ],
    };
  }

  function numbersOf(caption, rows) {
    return table({ caption, hideCaption: true, ...columnsOf(rows) });
  }
}

const nameOf = ({ name, categoryId }) => categoryId === null ? name : name.replace(/^AP of /, "");
