// Precision by recall, and both by score.

import { line } from "../chart.js";
import { h } from "../dom.js";
import { choice } from "../fields.js";
import { fixed, points } from "../format.js";
import { categoryNames, isWithheld, overlap, pair, section, withheld } from "./report.js";

const samples = 11;
const guideLevels = [0.2, 0.4, 0.6, 0.8];

export function curves(report) {
  if (isWithheld(report, "curves")) return section("curves", "Precision and recall", withheld("Curves are"));
  if (report.curves.length === 0) return null;
  const names = categoryNames(report);
  const several = report.perCategory.length > 1;
  const select = choice("category", [...(several ? [{ value: "", label: "mean over categories" }] : []), ...report.perCategory.map(({ id, name }) => ({ value: String(id), label: name }))]);
  const charts = [line(byRecall(""))];
  if (report.errors) charts.push(line(byScore("")));
  select.addEventListener("change", () => {
    charts[0].update(byRecall(select.value));
    charts[1]?.update(byScore(select.value));
  });
  return section("curves", "Precision and recall", several && h("label", { class: "field inline" }, "Category", select), charts.length > 1 ? pair(...charts) : charts);

  function realOf(category) {
    const id = idOf(category);
    return id === null ? report.errors?.overall : report.errors?.categories.find(curve => curve.categoryId === id);
  }

  function idOf(category) {
    return category === "" ? (several ? null : report.perCategory[0].id) : Number(category);
  }

  function byRecall(category) {
    const [id, real] = [idOf(category), realOf(category)];
    const series = [...Map.groupBy(report.curves.filter(curve => id === null || curve.categoryId === id), curve => curve.iouThreshold)].sort(([a], [b]) => a - b)
      .map(([threshold, of]) => ({ label: `IoU ${overlap(threshold, report.parameters)}`, points: of[0].recall.map((recall, i) => [recall, mean(of.map(curve => curve.precision[i]))]) }));
    if (real?.objects > 0) series.push({
      label: id === null ? "all detections together, as they are" : "as they are", dashed: true, colour: 5,
      points: real.scores.map((_, i) => [real.truePositives[i] / real.objects, real.truePositives[i] / (real.truePositives[i] + real.falsePositives[i])]),
    });
    return {
      caption: id === null ? "Precision at each recall, mean over categories" : `Precision at each recall: ${names.get(id)}`,
      note: "The highest precision at that recall or beyond, as average precision reads it. Dotted: where F1 is the same.",
      x: { label: "recall", min: 0, max: 1, format: value => fixed(value, 2) }, y: { label: "precision", min: 0, max: 1, format: value => fixed(value, 2) },
      series, guides: guideLevels.map(sameF1), numbers: sampled(series),
    };
  }

  function byScore(category) {
    const [id, real] = [idOf(category), realOf(category)];
    const share = (part, whole) => whole > 0 ? part / whole : null;
    const rows = (real?.scores ?? []).map((score, i) => {
      const [right, wrong] = [real.truePositives[i], real.falsePositives[i]];
      return { score, precision: share(right, right + wrong), recall: share(right, real.objects), f1: share(2 * right, right + wrong + real.objects) };
    }).reverse();
    const series = [["precision", "Precision"], ["recall", "Recall"], ["f1", "F1"]].map(([name, label]) => ({ label, points: rows.map(row => [row.score, row[name]]) }));
    return {
      caption: id === null ? "From which score on: all detections together" : `From which score on: ${names.get(id)}`,
      note: real?.best ? `F1 is highest from score ${fixed(real.best.threshold, 3)} on: ${points(real.best.f1)}, with precision ${points(real.best.precision)} and recall ${points(real.best.recall)}.` : "No detection is right.",
      x: { label: "score", min: 0, max: 1, format: value => fixed(value, 2) }, y: { label: "", min: 0, max: 1, format: value => fixed(value, 2) }, series,
      numbers: byTenths(rows),
    };
  }
}

const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length;

// F1 = 2pr / (p + r), solved for p where it is at most 1.
function sameF1(level) {
  const steps = 40;
  const first = level / (2 - level);
  return Array.from({ length: steps + 1 }, (_, i) => first + (1 - first) * i / steps).map(recall => [recall, level * recall / (2 * recall - level)]);
}

function byTenths(rows) {
  const metric = (label, name) => ({ label, value: row => row[name], text: row => points(row[name]), numeric: true });
  return {
    columns: [{ label: "From score", value: row => row.from, text: row => fixed(row.from, 1), header: true }, metric("Precision", "precision"), metric("Recall", "recall"), metric("F1", "f1")],
    rows: Array.from({ length: samples }, (_, i) => i / (samples - 1)).map(from => ({ from, ...rows.find(row => row.score >= from - 1e-9) })),
  };
}

function sampled(series) {
  const at = (one, recall) => one.points.find(([x]) => x >= recall - 1e-9)?.[1] ?? null;
  return {
    columns: [
      { label: "Recall", value: recall => recall, text: recall => fixed(recall, 1), header: true },
      ...series.map(one => ({ label: `Precision, ${one.label}`, value: recall => at(one, recall), text: recall => points(at(one, recall)), numeric: true })),
    ],
    rows: Array.from({ length: samples }, (_, i) => i / (samples - 1)),
  };
}
