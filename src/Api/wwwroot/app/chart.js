// Charts: a thin layer over Chart.js. Each is a <figure> with a caption and, folded beneath, a table of its numbers. Its update(spec) draws another one in its place.
// Colours are the style sheet's, so that charts follow the theme.

import { h } from "./dom.js";
import { table } from "./table.js";

const colourCount = 6;
const drawn = new Set();

// Asked for with the first chart. It puts its name on the global object, which is how it is had without a build chain.
async function library() {
  await import("../lib/chart.js/chart.umd.min.js");
  const { Chart } = globalThis;
  Chart.defaults.font = { ...Chart.defaults.font, family: getComputedStyle(document.body).fontFamily, size: 12 };
  return Chart;
}

document.addEventListener("themechange", () => {
  sweep();
  for (const chart of drawn) chart.draw();
});

/** Gives up the charts of pages that were left. */
function sweep() {
  for (const chart of drawn) {
    if (chart.figure.isConnected) continue;
    chart.instance.destroy();
    drawn.delete(chart);
  }
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = name => style.getPropertyValue(name).trim();
  return {
    text: of("--text"), quiet: of("--quiet"), grid: of("--grid"), edge: of("--edge"), surface: of("--surface"),
    series: i => of(`--series-${(i % colourCount) + 1}`),
    soft: i => `color-mix(in srgb, ${of(`--series-${(i % colourCount) + 1}`)} 62%, ${of("--surface")})`,
  };
}

/** The figure of a chart: kind has configure(spec, colours, width) for the library, heightOf(spec) in pixels, and numbers(spec) for table(). */
function figure(spec, kind) {
  const canvas = h("canvas", { role: "img" });
  const box = h("div", { class: "chart-box" }, canvas);
  const caption = h("figcaption");
  const note = h("p", { class: "quiet small" });
  const numbers = h("details", null, h("summary", { class: "small" }, "Numbers"));
  const element = h("figure", { class: "chart" }, caption, box, note, numbers);
  const chart = { figure: element, instance: null, draw };

  async function draw() {
    const Chart = await library();
    await hasWidth(box);
    chart.instance?.destroy();
    sweep();
    chart.instance = new Chart(canvas, kind.configure(spec, colours(), box.clientWidth));
    drawn.add(chart);
  }

  function update(next) {
    spec = next;
    caption.textContent = spec.caption;
    canvas.setAttribute("aria-label", `${spec.caption}. Its numbers stand beneath.`);
    note.textContent = spec.note ?? "";
    note.hidden = !spec.note;
    box.style.height = `${spec.height ?? kind.heightOf(spec)}px`;
    numbers.replaceChildren(numbers.firstChild, table({ caption: spec.caption, hideCaption: true, ...(spec.numbers ?? kind.numbers(spec)) }));
    draw();
  }

  update(spec);
  return Object.assign(element, { update });
}

/** What is drawn before it stands in the page, or while it is folded away, has no size. */
const hasWidth = box => new Promise(resolve => {
  const watch = new ResizeObserver(() => {
    if (box.clientWidth === 0) return;
    watch.disconnect();
    resolve();
  });
  watch.observe(box);
});

const plain = value => value == null ? "–" : value.toFixed(1);

function axis({ label, min, max, from, to, format = String, logarithmic = false }, look) {
  return {
    type: logarithmic ? "logarithmic" : "linear", min, max, suggestedMin: Number.isFinite(from) ? from : undefined, suggestedMax: Number.isFinite(to) ? to : undefined,
    title: { display: Boolean(label), text: label, color: look.quiet },
    ticks: { color: look.quiet, callback: value => format(value), maxTicksLimit: 8, maxRotation: 0 },
    grid: { color: look.grid, tickLength: 4 }, border: { color: look.edge },
  };
}

// Datasets without a label are drawn, and neither named nor pointed at.
function options(look, { hasLegend, mark = 22, title, label, scales, ...rest }) {
  return {
    responsive: true, maintainAspectRatio: false, animation: false, interaction: { mode: "nearest", intersect: false }, scales,
    plugins: {
      legend: {
        display: hasLegend, position: "bottom", align: "start",
        labels: { color: look.text, usePointStyle: true, pointStyleWidth: mark, boxHeight: 6, padding: 14, filter: item => Boolean(item.text) },
      },
      tooltip: {
        displayColors: false, backgroundColor: look.text, titleColor: look.surface, bodyColor: look.surface, padding: 8, cornerRadius: 4,
        filter: item => Boolean(item.dataset.label), callbacks: { title: items => items.length > 0 ? title(items[0]) : "", label },
      },
    },
    ...rest,
  };
}

/** Calls draw(mark, index, dataset) for each mark of a shown dataset that has a list of a name. */
function eachMark(chart, list, draw) {
  const { ctx } = chart;
  chart.data.datasets.forEach((set, i) => {
    if (!set[list] || !chart.isDatasetVisible(i)) return;
    ctx.save();
    ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    ctx.fillStyle = ctx.strokeStyle = set.ink;
    chart.getDatasetMeta(i).data.forEach((mark, j) => draw(mark, j, set));
    ctx.restore();
  });
}

/** Lines from one end of an interval to the other, across bars and points: ends of a dataset, [lower, upper] or null for each. */
const whiskers = {
  id: "whiskers",
  afterDatasetsDraw(chart) {
    const { ctx, chartArea: area, scales } = chart;
    const lies = chart.options.indexAxis === "y";
    const [scale, least, most] = lies ? [scales.x, area.left, area.right] : [scales.y, area.top, area.bottom];
    const stroke = (along, beside, along2, beside2) => {
      ctx.moveTo(...(lies ? [along, beside] : [beside, along]));
      ctx.lineTo(...(lies ? [along2, beside2] : [beside2, along2]));
    };
    eachMark(chart, "ends", (mark, i, { ends }) => {
      if (!ends[i]) return;
      const [from, to] = ends[i].map(value => Math.min(most, Math.max(least, scale.getPixelForValue(value))));
      const beside = lies ? mark.y : mark.x;
      ctx.beginPath();
      stroke(from, beside, to, beside);
      stroke(from, beside - 3.5, from, beside + 3.5);
      stroke(to, beside - 3.5, to, beside + 3.5);
      ctx.stroke();
    });
  },
};

/** An axis that intervals fit on. */
function withEnds(given, ends) {
  const values = ends.filter(Boolean).flat();
  return { ...given, from: Math.min(given.from ?? Infinity, ...values), to: Math.max(given.to ?? -Infinity, ...values) };
}

/** The number at the end of each bar: texts of a dataset. */
const endTexts = {
  id: "endTexts",
  afterDatasetsDraw(chart) {
    const { ctx, chartArea: area, scales } = chart;
    ctx.textBaseline = "middle";
    eachMark(chart, "texts", (mark, i, { data, ends, texts }) => {
      if (data[i] == null) return;
      const end = scales.x.getPixelForValue(Math.max(data[i], 0, ...(ends?.[i] ?? [])));
      ctx.fillText(texts[i], Math.min(end, area.right) + 6, mark.y);
    });
  },
};

/** Names beside points: names of a dataset. One that would lie on another is left to the pointer and to the table. */
const pointNames = {
  id: "pointNames",
  afterDatasetsDraw(chart) {
    const { ctx, chartArea: area } = chart;
    const taken = [];
    ctx.textBaseline = "alphabetic";
    eachMark(chart, "names", (mark, i, { names }) => {
      const width = ctx.measureText(names[i]).width;
      const left = mark.x + 9 + width > area.right ? Math.max(area.left, mark.x - 9 - width) : mark.x + 9;
      const box = { left, right: left + width, top: mark.y - 15, bottom: mark.y - 3 };
      if (taken.some(other => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom)) return;
      taken.push(box);
      ctx.fillText(names[i], left, mark.y - 5);
    });
  },
};

/**
 * Lines. spec: {caption, note?, height?, x and y: {label, min?, max?, format?}, series: [{label, points: [[x, y], …], ends?, dashed?, marked?, colour?}],
 * guides?: [[[x, y], …], …] thin lines without a name, numbers?: {columns, rows} in place of all points}.
 */
export const line = spec => figure(spec, {
  heightOf: () => 340,
  numbers: pointNumbers,
  configure: ({ x, y, series, guides = [] }, look) => ({
    type: "line",
    data: {
      datasets: [
        ...series.map((one, i) => ({
          label: one.label, data: xy(one.points), ends: one.ends, ink: look.text, borderColor: look.series(one.colour ?? i), backgroundColor: look.series(one.colour ?? i),
          borderWidth: 2, borderJoinStyle: "round", borderDash: one.dashed ? [5, 4] : [], pointStyle: one.marked ? "circle" : "line", pointRadius: one.marked ? 4 : 0, pointHitRadius: 8, spanGaps: true,
        })),
        ...guides.map(points => ({ data: xy(points), borderColor: look.edge, borderWidth: 1, borderDash: [1, 3], pointRadius: 0, pointHitRadius: 0 })),
      ],
    },
    options: options(look, {
      hasLegend: series.length > 1,
      scales: { x: axis(x, look), y: axis(withEnds(y, series.flatMap(one => one.ends ?? [])), look) },
      title: item => `${x.label} ${(x.format ?? plain)(item.parsed.x)}`,
      label: item => `${item.dataset.label}: ${(y.format ?? plain)(item.parsed.y)}`,
    }),
    plugins: [whiskers],
  }),
});

const xy = points => points.map(([x, y]) => ({ x, y }));

function pointNumbers({ x, y, series }) {
  const of = series.map(one => new Map(one.points));
  return {
    columns: [
      { label: x.label, value: at => at, text: at => (x.format ?? plain)(at), header: true },
      ...series.map((one, i) => ({ label: one.label, value: at => of[i].get(at), text: at => (y.format ?? plain)(of[i].get(at)), numeric: true })),
    ],
    rows: [...new Set(of.flatMap(points => [...points.keys()]))].sort((a, b) => a - b),
  };
}

/**
 * Lying bars, a row each, with the number at the end. spec: {caption, note?, height?, labels, rowLabel?, axis: {label, min?, max?, from?, to?, format?},
 * series: [{label, values, ends?: [[lower, upper] or null, …], colour?}], colours?: [number of a series' colour for each row], numbers?}. A value of null is none.
 */
export const bar = spec => figure(spec, {
  heightOf: ({ labels, series }) => 52 + (series.length > 1 ? 30 : 0) + labels.length * (series.length > 1 ? 12 + 17 * series.length : 32),
  numbers: barNumbers,
  configure({ labels, axis: given, series, colours: rows }, look, width) {
    const format = given.format ?? plain;
    // Names have at most two fifths of the width, in two lines.
    const names = labels.map(label => inLines(label, width * 0.4 - 12));
    return {
      type: "bar",
      data: {
        labels: names,
        datasets: series.map((one, i) => ({
          label: one.label, data: one.values, ends: one.ends, texts: one.values.map(value => format(value)), ink: look.text,
          backgroundColor: rows ? rows.map(look.soft) : look.soft(one.colour ?? i), borderRadius: 2, barPercentage: 0.86, categoryPercentage: 0.8, maxBarThickness: 18,
        })),
      },
      options: options(look, {
        hasLegend: series.length > 1,
        indexAxis: "y",
        interaction: { mode: "nearest", axis: "y", intersect: false },
        layout: { padding: { right: 46 } },
        scales: { x: axis(withEnds(given, series.flatMap(one => one.ends ?? [])), look), y: { ticks: { color: look.text, autoSkip: false }, grid: { display: false }, border: { color: look.edge } } },
        title: item => labels[item.dataIndex],
        label: item => `${item.dataset.label}: ${format(item.raw)}${endsText(item.dataset.ends?.[item.dataIndex], format, " (", ")")}`,
      }),
      plugins: [whiskers, endTexts],
    };
  },
});

const pen = document.createElement("canvas").getContext("2d");

/** A text as the lines that fit a width, two at most; what is too long ends in dots. */
function inLines(text, width) {
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const fits = part => pen.measureText(part).width <= width;
  if (fits(text)) return text;
  const words = text.split(" ");
  let first = words.shift();
  while (words.length > 0 && fits(`${first} ${words[0]}`)) first += ` ${words.shift()}`;
  const shortened = part => {
    while (part.length > 1 && !fits(part)) part = `${part.slice(0, -2)}…`;
    return part;
  };
  return words.length > 0 ? [shortened(first), shortened(words.join(" "))] : shortened(first);
}

const endsText = (ends, format, before = "", after = "") => ends ? `${before}${format(ends[0])} to ${format(ends[1])}${after}` : "";

function barNumbers({ labels, rowLabel = "Name", series, axis: { format = plain } }) {
  return {
    columns: [
      { label: rowLabel, value: i => labels[i], header: true },
      ...series.flatMap(({ label, values, ends }) => [
        { label, value: i => values[i], text: i => format(values[i]), numeric: true },
        ends?.some(Boolean) && {
          label: series.length > 1 ? `Interval of ${label}` : "Interval", value: i => ends[i]?.[0], text: i => endsText(ends[i], format) || "–", numeric: true,
        },
      ]).filter(Boolean),
    ],
    rows: labels.map((_, i) => i),
  };
}

/**
 * Points with names. spec: {caption, note?, height?, x and y: {label, format?, logarithmic?, …}, points: [{name, x, y, ends?, group?}], groups?: [label, …],
 * front?: {label, points: [[x, y], …]} drawn in steps, numbers?}.
 */
export const scatter = spec => figure(spec, {
  heightOf: () => 380,
  numbers: ({ x, y, points }) => ({
    columns: [
      { label: "Name", value: point => point.name, header: true },
      { label: x.label, value: point => point.x, text: point => (x.format ?? plain)(point.x), numeric: true },
      { label: y.label, value: point => point.y, text: point => `${(y.format ?? plain)(point.y)}${endsText(point.ends, y.format ?? plain, " (", ")")}`, numeric: true },
    ],
    rows: points,
  }),
  configure: ({ x, y, points, groups = ["points"], front }, look) => ({
    type: "scatter",
    data: {
      datasets: [
        ...groups.map((label, group) => {
          const own = points.filter(point => (point.group ?? 0) === group);
          return {
            label, data: own, names: own.map(point => point.name), ends: own.map(point => point.ends ?? null), ink: look.text,
            backgroundColor: look.series(group), borderColor: look.surface, pointStyle: "circle", pointRadius: 6, pointHoverRadius: 7,
          };
        }),
        front && {
          type: "line", label: front.label, data: xy(front.points), stepped: "before", borderColor: look.quiet, backgroundColor: look.quiet, borderWidth: 1.5, borderDash: [4, 3],
          pointStyle: "line", pointRadius: 0, pointHitRadius: 0,
        },
      ].filter(Boolean),
    },
    options: options(look, {
      hasLegend: groups.length > 1 || Boolean(front),
      mark: 12,
      scales: { x: axis(x, look), y: axis(withEnds(y, points.map(point => point.ends)), look) },
      title: item => item.raw.name ?? "",
      label: item => [`${y.label}: ${(y.format ?? plain)(item.parsed.y)}${endsText(item.raw.ends, y.format ?? plain, " (", ")")}`, `${x.label}: ${(x.format ?? plain)(item.parsed.x)}`],
    }),
    plugins: [whiskers, pointNames],
  }),
});

/**
 * A matrix: a table whose cells are the darker the larger their share. It is its own table of numbers. spec: {caption, note?, rowLabel, columnLabel, rows and columns: names,
 * cell(row, column) => {text, share: 0..1 or null, title, isRight?}}.
 */
export function matrix({ caption, note, rowLabel, columnLabel, rows, columns, cell }) {
  const cells = row => columns.map((_, column) => {
    const { text, share, title, isRight } = cell(row, column);
    return h("td", { title, class: isRight ? "right" : null, style: { "--share": share ?? 0 } }, text);
  });
  return h("figure", { class: "chart" },
    h("figcaption", null, caption),
    h("div", { class: "table-scroll", role: "region", tabIndex: 0, "aria-label": caption },
      h("table", { class: "matrix" },
        h("thead", null,
          h("tr", null, h("td"), h("th", { scope: "colgroup", colSpan: columns.length }, columnLabel)),
          h("tr", null, h("th", { scope: "col" }, rowLabel), columns.map(name => h("th", { scope: "col", title: name }, name)))),
        h("tbody", null, rows.map((name, row) => h("tr", null, h("th", { scope: "row", title: name }, name), cells(row)))))),
    note && h("p", { class: "quiet small" }, note));
}
