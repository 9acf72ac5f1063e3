// Average precision and recall by the size of objects.

import { bar } from "../chart.js";
import { points } from "../format.js";
import { numbersOf, pair, section, sizeText } from "./report.js";

const frequencies = { APr: "rare categories", APc: "common categories", APf: "frequent categories" };
const units = { area: "area in pixels", scale: "scale in pixels", relativeScale: "scale as a part of the image" };

export function sizes(report) {
  const ranges = new Map(report.parameters.areaRanges.map(range => [range.name, range]));
  const numbers = numbersOf(report).filter(({ metric }) => metric?.areaRange && metric.iouThreshold === null);
  const most = measure => Math.max(...numbers.filter(({ metric }) => metric.measure === measure).map(({ metric }) => metric.maxDetections ?? 0));
  // Families of scales have names such as RSAP(1/8-1/4); the first range of a family holds all sizes.
  const families = Map.groupBy(numbers.filter(({ metric }) => metric.maxDetections == null || metric.maxDetections === most(metric.measure)), ({ name, metric }) => {
    const unit = ranges.get(metric.areaRange)?.measure ?? "area";
    return unit === "area" ? `${metric.measure} ${unit}` : `${metric.measure} ${unit} ${name.replace(/\(.*/, "")}`;
  });
  const charts = [...families].filter(([, of]) => new Set(of.map(({ metric }) => metric.areaRange)).size > 1).map(([key, of]) => {
    const [measure, unit, family] = key.split(" ");
    const rows = of.filter(({ name }) => name !== family);
    const title = measure === "recall" ? "Average recall" : "Average precision";
    return bar({
      caption: `${family ? `${family}: ${title.toLowerCase()}` : title} by size of objects`, note: `By ${units[unit]}, in points.${report.intervals ? ` Lines: ${100 * report.intervals.options.level} % intervals.` : ""}`,
      rowLabel: "Size", labels: rows.map(labelOf), axis: { min: 0, max: 1, format: value => points(value) },
      series: [{ label: title, values: rows.map(({ value }) => value), ends: rows.map(({ interval }) => interval && [interval.lower, interval.upper]), colour: measure === "recall" ? 2 : 0 }],
    });
  });
  return charts.length === 0 ? null : section("sizes", "Sizes", pair(...charts));

  function labelOf({ name, metric }) {
    if (frequencies[name]) return frequencies[name];
    const range = ranges.get(metric.areaRange);
    const text = range ? sizeText(range) : "";
    if (metric.areaRange.includes("(")) return text || "all";
    return text ? `${metric.areaRange}, ${text}` : metric.areaRange;
  }
}
