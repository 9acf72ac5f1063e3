// What kinds of errors there are, and what each costs.

import { bar } from "../chart.js";
import { h } from "../dom.js";
import { count, fixed } from "../format.js";
import { isWithheld, pair, section, withheld } from "./report.js";

/** Kinds of errors in words, in the order of the report. */
export const errorWords = {
  Cls: "wrong category", Loc: "wrong place", Both: "wrong category and place", Dupe: "found a second time", Bkg: "nothing is there", Miss: "not found",
};

export function errors(report) {
  if (isWithheld(report, "errors")) return section("errors", "Errors", withheld("Error types, the confusion matrix and single images are"));
  const found = report.errors?.breakdown;
  if (!found) return section("errors", "Errors", h("p", { class: "quiet" }, "This evaluation comes from a version of the server that kept no errors. Run it again to see them."));
  const labels = found.errors.map(({ error }) => `${error}: ${errorWords[error] ?? error}`);
  const colours = labels.map((_, i) => i);
  const limit = found.maxDetections >= 2 ** 31 - 1 ? "all" : `the best ${found.maxDetections}`;
  return section("errors", "Errors", pair(
    bar({
      caption: "What each kind of error costs", rowLabel: "Error", labels, colours, axis: { label: "points of average precision", min: 0, format: value => fixed(value, 1) },
      series: [{ label: "Points", values: found.errors.map(({ gain }) => gain) }],
      note: `Gained if only these were repaired; average precision at IoU ${found.iouThreshold} is ${fixed(found.ap, 1)} of 100. All false positives together: ${fixed(found.falsePositiveGain, 1)}, all false negatives: ${fixed(found.falseNegativeGain, 1)}.`,
    }),
    bar({
      caption: "How often each occurs", rowLabel: "Error", labels, colours, axis: { label: "detections, or objects not found", min: 0, format: count },
      series: [{ label: "Count", values: found.errors.map(error => error.count) }],
      note: `Right from IoU ${found.iouThreshold} on, on nothing below ${found.backgroundThreshold}; ${limit} detections of each image, whatever their score.`,
    })));
}
