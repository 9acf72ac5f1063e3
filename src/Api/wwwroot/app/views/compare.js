// Compare: evaluations of one dataset under one protocol side by side.

import { blob, get, save, send } from "../api.js";
import { differences } from "../compare/differences.js";
import { disagreements } from "../compare/images.js";
import { verdict } from "../compare/verdict.js";
import { busy, h, heading, problem } from "../dom.js";
import { estimate, nameOf } from "../evaluations.js";
import { ago, count, date } from "../format.js";
import { section } from "../report/report.js";
import { keepInAddress, navigate } from "../router.js";
import { may } from "../session.js";
import { table } from "../table.js";

const most = 10;
const listed = 500;
const letters = "ABCDEFGHIJ";

export async function show(view, { query, signal }) {
  const ids = (query.get("ids") ?? "").split(",").filter(Boolean);
  const title = "Compare evaluations";
  const place = h("div", { class: "page" });
  view.append(heading(title, "Is one better, or is it chance? Both are looked at on the same images."), place);
  if (query.has("id")) {
    showComparison(await get(`/v1/comparisons/${encodeURIComponent(query.get("id"))}`, { signal }));
    return title;
  }
  const [{ evaluations }, { comparisons }, mayCompare] = await Promise.all([
    get(`/v1/evaluations?state=done&limit=${listed}`, { signal }), get("/v1/comparisons?limit=20", { signal }), may("submitter"),
  ]);
  if (ids.length > 1) await compare(ids);
  else choose(ids);
  return title;

  /** Asks for a comparison: the same again within a day is the one that was made before. */
  async function compare(chosen) {
    busy(place, "Comparing…");
    try {
      const rows = await Promise.all(chosen.map(id => evaluations.find(one => one.id === id) ?? get(`/v1/evaluations/${id}`, { signal })));
      const made = await send("POST", "/v1/comparisons", {
        json: { evaluations: chosen, names: namesOf(rows) }, headers: { "Idempotency-Key": `pages-${chosen.map(id => id.slice(-10)).join("-")}` }, signal,
      });
      keepInAddress({ ids: chosen.join(",") });
      showComparison(made);
    } catch (fault) {
      if (signal.aborted) return;
      const told = h("div");
      place.replaceChildren(told);
      choose(chosen, told);
      problem(told, fault);
    }
  }

  function choose(chosen, told = null) {
    const groups = Map.groupBy(evaluations, groupOf);
    if (groups.size === 0) {
      place.replaceChildren(h("div", { class: "card empty-state" }, "There is no evaluation that is done. ", h("a", { href: "/evaluations?start" }, "Start one"), "."));
      return;
    }
    const first = evaluations.find(({ id }) => chosen.includes(id));
    const largest = [...groups].reduce((best, group) => group[1].length > best[1].length ? group : best)[0];
    const set = new Set(chosen);
    const select = h("select", { onchange: () => { set.clear(); fill(); } }, [...groups].map(([name, of]) => h("option", { value: name, selected: name === (first ? groupOf(first) : largest) }, `${name} (${of.length})`)));
    const go = h("button", { type: "button", class: "primary", onclick: () => navigate(`/compare?ids=${[...set].join(",")}`) });
    const note = h("span", { class: "quiet small" });
    const list = table({ caption: "Evaluations that can be compared", hideCaption: true, columns: columns(), rows: [] });
    fill();
    place.replaceChildren(...[
      told,
      h("section", { class: "card stack", "aria-label": "Choose evaluations" },
        h("div", { class: "filters" }, h("label", { class: "field" }, "Dataset and protocol", select)), list,
        h("div", { class: "actions" }, mayCompare ? go : h("span", { class: "quiet" }, "Comparing needs a key with the role submitter."), note)),
      earlier(),
    ].filter(Boolean));

    function columns() {
      return [
        { label: "Compare", sortable: false, text: row => h("input", {
          type: "checkbox", checked: set.has(row.id), "aria-label": `Compare ${nameOf(row)} of ${date(row.createdAt)}`,
          onchange: ({ target }) => { set[target.checked ? "add" : "delete"](row.id); tell(); },
        }) },
        { label: "Evaluation", value: nameOf, text: row => h("a", { href: `/evaluations/${row.id}` }, nameOf(row)), header: true },
        { label: "Headline", value: row => row.headline?.value, text: row => estimate(row.headline ?? {}), numeric: true, hint: "The number that results of the protocol are ranked by, in points" },
        { label: "By", value: row => row.owner },
        { label: "Asked for", value: row => new Date(row.createdAt), text: row => h("time", { dateTime: row.createdAt, title: date(row.createdAt) }, ago(row.createdAt)) },
      ];
    }

    function fill() {
      list.update(groups.get(select.value) ?? []);
      tell();
    }

    function tell() {
      go.textContent = set.size > 1 ? `Compare ${set.size}` : "Compare";
      go.disabled = set.size < 2 || set.size > most;
      note.textContent = set.size > most ? `At most ${most} are compared.` : set.size < 2 ? "Choose two or more." : "";
    }
  }

  function earlier() {
    return comparisons.length > 0 && section("earlier", "Earlier comparisons", table({
      caption: "Earlier comparisons", hideCaption: true, rows: comparisons,
      columns: [
        { label: "Of", value: row => row.evaluations.map(({ name }) => name).join(", "), text: row => h("a", { href: `/compare?id=${row.id}` }, row.evaluations.map(({ name }) => name).join(", ")), header: true },
        { label: "On", value: groupOf },
        { label: "By", value: row => row.owner },
        { label: "Made", value: row => new Date(row.createdAt), text: row => ago(row.createdAt) },
      ],
    }));
  }

  function showComparison(made) {
    const { comparison } = made;
    const fault = h("div");
    const download = async (format, ending) => {
      try {
        save(await blob(`/v1/comparisons/${made.id}?format=${format}`, { signal }), `comparison-${made.dataset}-${made.protocol}.${ending}`);
      } catch (refusal) {
        problem(fault, refusal);
      }
    };
    place.replaceChildren(...[
      h("section", { class: "card toolbar", "aria-label": "What is compared" },
        h("p", null, `${made.evaluations.length} evaluations on `, h("a", { href: `/datasets/${encodeURIComponent(made.dataset)}` }, `${made.dataset}/${made.split}`), ` under ${made.protocol}, ${count(comparison.images)} images`),
        h("div", { class: "actions" },
          h("a", { class: "button", href: `/compare?ids=${made.evaluations[0].id}` }, "Choose others"), h("a", { href: `/compare?id=${made.id}` }, "Link to this"),
          h("span", { class: "quiet small" }, "Download"),
          [["json", "JSON"], ["html", "HTML"]].map(([format, label]) => h("button", { type: "button", class: "quiet small", onclick: () => download(format, format) }, label)))),
      fault,
      verdict(made),
      differences(made),
      comparison.warnings.length > 0 && section("notes", "Notes", h("ul", null, comparison.warnings.map(text => h("li", null, text)))),
      disagreements(made, signal),
    ].filter(Boolean));
  }
}

const groupOf = ({ dataset, split, protocol }) => `${dataset}/${split} under ${protocol}`;

/** By model and version; those that this does not tell apart have a letter. */
function namesOf(rows) {
  const names = rows.map(row => row.model ? nameOf(row) : "detections");
  return names.map((name, i) => names.filter(other => other === name).length === 1 ? name : `${name} ${letters[names.slice(0, i).filter(other => other === name).length]}`);
}
