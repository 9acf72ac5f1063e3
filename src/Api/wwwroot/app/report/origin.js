// Where the numbers come from: everything that has to be the same for them to be the same.

import { facts, h } from "../dom.js";
import { date } from "../format.js";
import { table } from "../table.js";
import { overlap, section } from "./report.js";

const files = [["json", "JSON"], ["html", "HTML"], ["csv", "CSV"], ["markdown", "Markdown"]];
const endings = { json: "json", html: "html", csv: "csv", markdown: "md" };

/** Forms of the report to take along: {format, label, fileName}. */
export const forms = evaluation => files.map(([format, label]) => ({
  format, label, fileName: `${evaluation.model ?? "detections"}-${evaluation.dataset}-${evaluation.split}-${evaluation.protocol}.${endings[format]}`,
}));

export function origin(evaluation) {
  const { report, origins } = evaluation;
  const { parameters, provenance } = report;
  const hash = text => text && h("code", null, text);
  const each = of => origins?.length > 0 ? [...new Set(origins.map(of))].join(", ") : null;
  return section("origin", "Where the numbers come from", facts([
    ["Model", evaluation.model ? `${evaluation.model} ${evaluation.version}` : "detections made elsewhere"],
    ["Model files, SHA-256", origins && h("code", null, each(origin => origin.model))],
    ["Preprocessing, SHA-256", origins && h("code", null, each(origin => origin.preprocessing))],
    ["Ran on", origins && `${each(origin => origin.provider)}, ONNX Runtime ${each(origin => origin.runtime)}, server ${each(origin => origin.version)}`],
    ["Dataset", h("a", { href: `/datasets/${encodeURIComponent(evaluation.dataset)}` }, `${evaluation.dataset}/${evaluation.split}`)],
    ["Annotations, SHA-256", hash(report.datasetHash)],
    ["Dataset's version, hash", hash(evaluation.datasetVersionHash)],
    ["Protocol", `${report.protocol}: IoU ${overlap(null, parameters)}, at most ${parameters.maxDetections.map(limit => limit >= 2 ** 31 - 1 ? "all" : limit).join(", ")} detections, ${parameters.areaRanges.length === 1 ? "one size" : `sizes ${parameters.areaRanges.map(({ name }) => name).join(", ")}`}`],
    ["Evaluator", provenance && `${provenance.program} ${provenance.version}`],
    ["Made", provenance && date(provenance.date)],
  ]));
}

/** What came of running an evaluation again. */
export function rerun({ rerun: again }) {
  if (!again) return null;
  const of = h("a", { href: `/evaluations/${again.of}` }, "an earlier evaluation");
  if (again.identical === null) return h("p", { class: "note" }, "This runs ", of, " again.");
  if (again.identical) return h("p", { class: "note" }, "This ran ", of, " again: every number is the same to the last bit.");
  return section("rerun", "Run again, and not the same", h("p", null, "This ran ", of, " again. These differ, causes first:"), table({
    caption: "What differs", hideCaption: true, rows: again.differences,
    columns: [
      { label: "What", value: row => row.what, header: true },
      { label: "Before", value: row => row.before, text: row => h("code", null, row.before ?? "–") },
      { label: "Now", value: row => row.now, text: row => h("code", null, row.now ?? "–") },
    ],
  }));
}
