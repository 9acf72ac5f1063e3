// What a comparison says, in words.

import { h } from "../dom.js";
import { estimate } from "../evaluations.js";
import { difference, points } from "../format.js";
import { section } from "../report/report.js";
import { table } from "../table.js";

/** The first number of the summary: who is better, and whether that may be chance. */
export function verdict({ comparison, evaluations }) {
  const { options: { level, resamples, permutations }, images, numbers } = comparison;
  const main = numbers.find(({ categoryId }) => categoryId === null);
  const ids = new Map(evaluations.map(({ name, id }) => [name, id]));
  const pairs = main.differences.toSorted((a, b) => Math.abs(b.difference.value ?? 0) - Math.abs(a.difference.value ?? 0));
  return section("verdict", `${main.name}: ${titleOf(main)}`,
    h("ul", { class: "verdicts" }, pairs.map(pair => h("li", { class: pair.isSignificant ? null : "quiet" }, sentence(main, pair, level)))),
    table({
      caption: `${main.name} in each evaluation`, hideCaption: true, rows: main.results, sort: { column: 2, descending: true },
      columns: [
        { label: "Evaluation", value: row => row.result, text: row => h("a", { href: `/evaluations/${ids.get(row.result)}` }, row.result), header: true },
        { label: "Rank", value: row => row.rank, numeric: true, hint: "1 more than the number of those that are significantly better" },
        { label: main.name, value: row => row.estimate.value, text: row => estimate({ value: row.estimate.value, ...row.estimate.interval }), numeric: true },
        { label: "", text: row => row.estimate.value != null && h("span", {
          class: "track", "aria-hidden": "true", style: { "--value": row.estimate.value, "--lower": row.estimate.interval?.lower ?? row.estimate.value, "--upper": row.estimate.interval?.upper ?? row.estimate.value },
        }) },
      ],
    }),
    h("p", { class: "quiet small" }, `In points. ${100 * level} % intervals of ${resamples} resamples of the ${images} images, the same for all; p-values of ${permutations} random exchanges, corrected for the number of pairs (Holm).`));
}

function titleOf({ results, differences }) {
  const best = results.filter(({ rank }) => rank === 1).map(({ result }) => result);
  if (!differences.some(({ isSignificant }) => isSignificant)) return "no difference that could not be chance";
  return best.length === 1 ? `${best[0]} is best` : `${best.slice(0, -1).join(", ")} and ${best.at(-1)} are best`;
}

function sentence({ results, name }, { first, second, difference: { value, interval }, adjustedPValue, isSignificant }, level) {
  if (value == null) return `${first} and ${second} cannot be compared: one has no number.`;
  const valueOf = result => points(results.find(one => one.result === result).estimate.value);
  const facts = (lower, upper) => [interval && `${100 * level} % interval ${difference(lower)} to ${difference(upper)}`, adjustedPValue != null && `p ${chance(adjustedPValue)}`]
    .filter(Boolean).join(", ");
  if (!isSignificant) return `Whether ${first} or ${second} is better cannot be told from these images: ${name} ${valueOf(first)} and ${valueOf(second)}. `
    + `Chance alone may make a difference of ${difference(value)} points (${facts(interval?.lower, interval?.upper)}).`;
  const isFirst = value > 0;
  const [better, worse] = isFirst ? [first, second] : [second, first];
  return [h("b", null, `${better} is better than ${worse}`), `: ${name} ${valueOf(better)} against ${valueOf(worse)}, ${difference(Math.abs(value))} points `,
    `(${isFirst ? facts(interval?.lower, interval?.upper) : facts(-interval?.upper, -interval?.lower)}).`];
}

/** A p-value. */
export const chance = value => value < 0.001 ? "< 0.001" : value.toFixed(3);

/** What a difference says, in two words. */
export function shortVerdict({ difference: { value }, isSignificant }) {
  if (value == null) return "no number";
  if (!isSignificant) return "may be chance";
  return value > 0 ? "better" : "worse";
}
