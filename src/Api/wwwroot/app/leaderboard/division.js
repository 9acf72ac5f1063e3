// A division of a leaderboard: its rows, accuracy against latency, and what became of each method over time.

import { line, scatter } from "../chart.js";
import { h } from "../dom.js";
import { choice } from "../fields.js";
import { count, date, milliseconds, points } from "../format.js";
import { pair } from "../report/report.js";
import { table } from "../table.js";

const mostCompared = 10;

export function divisionOf(division, board) {
  const { rows } = division;
  const several = board.datasets.length > 1;
  const ranked = rows.filter(({ rank }) => rank != null);
  return h("div", { class: "stack" },
    division.description && h("p", { class: "quiet" }, division.description),
    table({ caption: `${board.title || board.name}: ${division.name}`, hideCaption: true, columns: columnsOf(rows, board), rows, empty: "Nobody has submitted yet." }),
    rows.length > 0 && h("p", { class: "quiet small" },
      `In points, with 95 % intervals. A rank is 1 more than the number of rows that are significantly better on the same images; rows of one rank cannot be told apart.`,
      !several && ranked.length > 1 && [" ", h("a", { href: `/compare?ids=${ranked.slice(0, mostCompared).map(row => row.datasets[0].evaluation).join(",")}` }, `Compare the first ${Math.min(mostCompared, ranked.length)}`), "."]),
    pair(...[latencyOf(rows, board), historyOf(rows, board)].filter(Boolean)));
}

function columnsOf(rows, board) {
  const ends = rows.flatMap(({ headline }) => [headline.lower ?? headline.value, headline.upper ?? headline.value]).filter(value => value != null);
  const [from, to] = [Math.floor(Math.min(...ends) * 20) / 20, Math.ceil(Math.max(...ends) * 20) / 20];
  const others = board.metrics.filter(name => name !== board.headline);
  return [
    { label: "Rank", value: row => row.rank, numeric: true },
    { label: "Method", value: row => row.method, text: row => methodOf(row), header: true },
    { label: "By", value: row => row.submitter },
    { label: board.headline, value: row => row.headline.value, text: row => points(row.headline.value), numeric: true },
    {
      label: ends.length > 0 ? `${points(from, 0)} to ${points(to, 0)}` : "", hint: "The interval, and the number in it",
      text: ({ headline: { value, lower, upper } }) => value == null ? "" : h("span", {
        class: "range", role: "img", "aria-label": lower == null ? points(value) : `${points(lower)} to ${points(upper)}`, title: lower == null ? null : `${points(lower)} to ${points(upper)}`,
        style: Object.fromEntries([["--value", value], ["--lower", lower ?? value], ["--upper", upper ?? value]].map(([name, at]) => [name, to > from ? (at - from) / (to - from) : 0.5])),
      }),
    },
    ...(board.datasets.length > 1 ? board.datasets.map(({ name, split }) => ({
      label: name, value: row => numberOn(row, name, split)?.value, numeric: true,
      text: row => numberOn(row, name, split) ? h("a", { href: `/evaluations/${numberOn(row, name, split).evaluation}` }, points(numberOn(row, name, split).value)) : "–",
    })) : []),
    ...others.map(name => ({ label: name, value: row => row.metrics[name], text: row => points(row.metrics[name]), numeric: true })),
    rows.some(({ latency }) => latency) && {
      label: "Latency", value: row => row.latency?.p50Ms, numeric: true, hint: "Median time of one picture on this server",
      text: ({ latency }) => latency ? h("span", { title: `${latency.images} pictures on ${latency.device} (${latency.provider}); nine of ten within ${milliseconds(latency.p90Ms)}` }, milliseconds(latency.p50Ms)) : "–",
    },
    { label: "Submitted", value: row => new Date(row.submittedAt), text: row => h("time", { dateTime: row.submittedAt, class: "nowrap" }, date(row.submittedAt)) },
  ].filter(Boolean);
}

const numberOn = (row, name, split) => row.datasets.find(one => one.dataset === name && one.split === split);

function methodOf({ method, kind, model, modelVersion, datasets, isPareto, division, rank }) {
  const name = datasets.length === 1 ? h("a", { href: `/evaluations/${datasets[0].evaluation}` }, method) : method;
  const model_ = model && h("a", { href: `/models/${encodeURIComponent(model)}` }, `${model} ${modelVersion}`);
  return h("div", { class: "method" }, name,
    h("small", { class: "quiet" }, [kind === "model" ? model_ ?? "uploaded model" : "detections", isPareto && "on the Pareto front", division?.training && `training ${division.training}`, division?.evaluation]
      .filter(Boolean).flatMap((part, i) => i === 0 ? [part] : [" · ", part])),
    rank == null && division?.reasons.map(reason => h("small", null, `Not ranked: ${reason}`)));
}

/** Accuracy against latency, with the front of those that no other beats in both. */
function latencyOf(rows, board) {
  const timed = rows.filter(({ latency, headline }) => latency && headline.value != null);
  if (timed.length === 0) return rows.length > 0 && h("p", { class: "quiet small" }, rows.some(({ kind }) => kind === "model")
    ? "How long models take for a picture was not measured yet." : "None of these ran on this server, so there is no latency to set accuracy against.");
  const devices = [...new Set(timed.map(({ latency }) => latency.device))];
  const front = timed.filter(({ isPareto }) => isPareto).map(row => [row.latency.p50Ms, row.headline.value]).sort((a, b) => a[0] - b[0]);
  return scatter({
    caption: `${board.headline} against latency`, note: `Up and to the left is better. Median time of one picture at a time on this server, ${devices.join(", ")}, of the very files that were evaluated.`,
    x: { label: "latency, ms", from: 0, format: count }, y: { label: board.headline, format: value => points(value) },
    points: timed.map(row => ({ name: row.method, x: row.latency.p50Ms, y: row.headline.value, ends: row.headline.lower == null ? null : [row.headline.lower, row.headline.upper], group: Math.max(0, devices.indexOf(row.latency.device)) })),
    groups: devices, front: { label: "Pareto front: no other is better and faster", points: front },
  });
}

/** The headline of a method's versions, the newest last. */
function historyOf(rows, board) {
  const changed = rows.filter(({ history }) => history.length > 0);
  if (changed.length === 0) return null;
  const select = choice("method", changed.map(({ submission, method, submitter }) => ({ value: String(submission), label: `${method} (${submitter})` })));
  const chart = line(specOf(changed[0]));
  select.addEventListener("change", () => chart.update(specOf(changed.find(({ submission }) => String(submission) === select.value))));
  return h("div", { class: "stack" }, changed.length > 1 && h("label", { class: "field inline" }, "Method", select), chart);

  function specOf(row) {
    const all = [...row.history, row].toSorted((a, b) => new Date(a.submittedAt) - new Date(b.submittedAt));
    const ends = all.map(({ headline }) => headline.lower == null ? null : [headline.lower, headline.upper]);
    return {
      caption: `Submissions of ${row.method}`, note: "The newest counts.",
      x: { label: "submission", min: 0.5, max: all.length + 0.5, format: value => Number.isInteger(value) && value >= 1 && value <= all.length ? String(value) : "" },
      y: { label: board.headline, format: value => points(value) },
      series: [{ label: board.headline, points: all.map(({ headline }, i) => [i + 1, headline.value]), ends, marked: true }],
      numbers: {
        rows: all.map((one, i) => ({ ...one, number: i + 1 })),
        columns: [
          { label: "Submission", value: one => one.number, header: true },
          { label: "Submitted", value: one => new Date(one.submittedAt), text: one => date(one.submittedAt) },
          { label: "Model", value: one => one.modelVersion, text: one => one.model ? `${one.model} ${one.modelVersion}` : row.kind === "model" ? "uploaded model" : "detections" },
          { label: board.headline, value: one => one.headline.value, text: one => points(one.headline.value), numeric: true },
          { label: "Interval", numeric: true, text: ({ headline }) => headline.lower == null ? "–" : `${points(headline.lower)} to ${points(headline.upper)}` },
        ],
      },
    };
  }
}
