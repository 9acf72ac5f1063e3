// The numbers of the summary.

import { h } from "../dom.js";
import { count, points } from "../format.js";
import { isWithheld, numbersOf, overlap, section } from "./report.js";

export function numbers(report) {
  if (report.statsError) return section("numbers", "Numbers", h("p", { class: "note" }, report.statsError));
  const all = numbersOf(report).filter(({ metric }) => !isByScale(report, metric));
  const groups = Map.groupBy(all, ({ metric }) => metric?.measure === "recall" ? "Average recall" : "Average precision");
  const { intervals } = report;
  const counts = [
    `${count(report.images)} images`,
    isWithheld(report, "groundTruths") ? "number of objects withheld" : `${count(report.groundTruths)} objects`,
    isWithheld(report, "detections") ? "number of detections withheld" : `${count(report.detections)} detections`,
  ].join(", ");
  return section("numbers", "Numbers",
    [...groups].map(([title, of]) => [h("h3", null, title), h("dl", { class: "stats" }, of.map(one => tile(report, one)))]),
    h("p", { class: "quiet small" }, `In points, 0 to 100. ${counts}. `,
      intervals && `Ranges are ${100 * intervals.options.level} % intervals of ${count(intervals.options.resamples)} resamples of the images; whether one result is better than another is for `,
      intervals && h("a", { href: "/compare" }, "Compare"), intervals && " to say, which looks at both on the same images."));
}

/** Numbers by relative or absolute scale have a part of their own. */
export const isByScale = (report, metric) => report.parameters.areaRanges.some(({ name, measure }) => name === metric?.areaRange && measure && measure !== "area");

function tile(report, { name, value, metric, interval }) {
  return h("div", { title: meaning(report, metric) },
    h("dt", null, name),
    h("dd", null, points(value),
      h("small", null, interval ? `${points(interval.lower)} to ${points(interval.upper)}` : value == null ? "no objects" : "\u00a0"),
      value != null && h("span", { class: "track", "aria-hidden": "true", style: { "--value": value, "--lower": interval?.lower ?? value, "--upper": interval?.upper ?? value } })));
}

function meaning(report, metric) {
  if (!metric?.areaRange) return metric ? "Mean of other numbers" : null;
  const limit = metric.maxDetections == null || metric.maxDetections >= 2 ** 31 - 1 ? "all detections" : `the best ${metric.maxDetections} detections of an image`;
  return `IoU ${overlap(metric.iouThreshold, report.parameters)}, size ${metric.areaRange}, ${limit}`;
}
