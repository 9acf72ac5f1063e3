// Evaluations: what there is, how far it is, and asking for one.

import { get, send } from "../api.js";
import { h, heading, problem, say } from "../dom.js";
import { estimate, isOpen, nameOf, progressBar, stateBadge } from "../evaluations.js";
import { choice, clearFaults, field, tellFaults } from "../fields.js";
import { ago, count, counted, date, percent } from "../format.js";
import { keepInAddress, navigate } from "../router.js";
import { may } from "../session.js";
import { table } from "../table.js";

const perPage = 50;
const states = ["queued", "running", "done", "failed", "cancelled"];
const filters = ["state", "dataset", "protocol", "model"];

export async function show(view, { query, signal }) {
  const asked = Object.fromEntries([...filters.map(name => [name, query.get(name) ?? ""]), ["offset", Number(query.get("offset") ?? 0)]]);
  const chosen = new Map();
  const list = () => get(`/v1/evaluations?${new URLSearchParams([...Object.entries(asked).filter(([, value]) => value !== ""), ["limit", perPage]])}`, { signal });
  const [first, { datasets }, { models }, { protocols }, mayStart] = await Promise.all([
    list(), get("/v1/datasets", { signal }), get("/v1/models", { signal }), get("/v1/protocols", { signal }), may("submitter"),
  ]);
  let page = first;

  const evaluations = table({ caption: "Evaluations, newest first", hideCaption: true, columns: columns(), rows: page.evaluations, empty: "No evaluation fits." });
  const turn = h("div", { class: "turn" });
  const compare = h("div", { class: "actions" });
  const fault = h("div");
  const start = mayStart ? startForm({ datasets, models, protocols, query }) : null;
  view.append(
    heading("Evaluations", "How good a model, or what it found, is on a dataset under a protocol."),
    start ?? h("p", { class: "quiet" }, "Asking for an evaluation needs a key with the role submitter."),
    h("section", { class: "card", "aria-label": "All evaluations" }, h("div", { class: "card-head" }, filterForm(), compare), fault, evaluations, turn));
  showPage();
  follow();
  return "Evaluations";

  function columns() {
    return [
      { label: "Compare", sortable: false, text: row => row.state === "done" && chooser(row) },
      { label: "Model", value: nameOf, text: row => h("a", { id: `open-${row.id}`, href: `/evaluations/${row.id}` }, nameOf(row)), header: true },
      { label: "State", value: row => row.state, text: stateOf },
      { label: "Dataset", value: row => `${row.dataset}/${row.split}` },
      { label: "Protocol", value: row => row.protocol },
      { label: "Headline", value: row => row.headline?.value, text: row => estimate(row.headline ?? undefined), numeric: true, hint: "The number that results of the protocol are ranked by, in points, with its 95 % interval" },
      { label: "By", value: row => row.owner },
      { label: "Asked for", value: row => new Date(row.createdAt), text: row => h("time", { dateTime: row.createdAt, title: date(row.createdAt) }, ago(row.createdAt)) },
    ];
  }

  function stateOf(row) {
    if (!isOpen(row)) return stateBadge(row.state);
    return h("div", { class: "state" }, stateBadge(row.state), row.state === "running" && progressBar(row.progress, `Progress of ${nameOf(row)}`),
      h("small", { class: "quiet" }, row.waiting ?? (row.state === "running" ? percent(row.progress) : "")));
  }

  function chooser(row) {
    return h("input", {
      type: "checkbox", id: `choose-${row.id}`, checked: chosen.has(row.id), "aria-label": `Compare ${nameOf(row)} on ${row.dataset}/${row.split} of ${date(row.createdAt)}`,
      onchange: ({ target }) => {
        if (target.checked) chosen.set(row.id, row);
        else chosen.delete(row.id);
        showChosen();
      },
    });
  }

  function filterForm() {
    const change = ({ target }) => {
      asked[target.name] = target.value.trim();
      asked.offset = 0;
      keepInAddress({ ...asked, offset: null });
      load();
    };
    const pick = (label, name, options) => h("label", { class: "field" }, label, h("select", { name, onchange: change },
      h("option", { value: "" }, "all"), options.map(value => h("option", { value, selected: asked[name] === value }, value))));
    return h("form", { class: "filters", role: "search", "aria-label": "Filter evaluations", onsubmit: event => event.preventDefault() },
      pick("State", "state", states),
      pick("Dataset", "dataset", datasets.map(dataset => dataset.name)),
      pick("Protocol", "protocol", protocols.map(protocol => protocol.name)),
      pick("Model", "model", [...new Set(models.map(model => model.name))]));
  }

  /** Asks again, and shows what is new without taking the focus away. */
  async function load() {
    try {
      const next = await list();
      for (const row of next.evaluations) {
        const before = page.evaluations.find(other => other.id === row.id);
        if (before && isOpen(before) && !isOpen(row)) say(`${nameOf(row)} on ${row.dataset}/${row.split} is ${row.state}.`);
      }
      page = next;
      fault.replaceChildren();
      showPage();
    } catch (refusal) {
      if (!signal.aborted) problem(fault, refusal);
    }
  }

  function showPage() {
    const focused = document.activeElement?.id;
    evaluations.update(page.evaluations);
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
    const { offset, total } = page;
    const step = (label, to, isPossible) => h("button", {
      type: "button", class: "small", disabled: !isPossible, onclick: () => {
        asked.offset = to;
        keepInAddress({ ...asked, offset: to || null });
        load();
      },
    }, label);
    turn.replaceChildren(
      h("span", { class: "quiet small" }, total === 0 ? "" : `${count(offset + 1)} to ${count(offset + page.evaluations.length)} of ${counted(total, "evaluation")}`),
      ...(total > perPage ? [step("Newer", Math.max(0, offset - perPage), offset > 0), step("Older", offset + perPage, offset + perPage < total)] : []));
    showChosen();
  }

  function showChosen() {
    const rows = [...chosen.values()];
    const groups = new Set(rows.map(row => `${row.dataset}/${row.split} under ${row.protocol}`));
    const note = rows.length === 0 ? "" : groups.size > 1 ? "Only evaluations of one dataset under one protocol are compared" : rows.length === 1 ? "Choose another one to compare with" : "";
    compare.replaceChildren(
      h("span", { class: "quiet small" }, note),
      rows.length > 1 && groups.size === 1 ? h("a", { class: "button primary", href: `/compare?ids=${rows.map(row => row.id).join(",")}` }, `Compare ${rows.length}`) : "");
  }

  async function follow() {
    while (!signal.aborted) {
      await new Promise(resolve => setTimeout(resolve, page.evaluations.some(isOpen) ? 1500 : 15_000));
      if (!signal.aborted && !document.hidden) await load();
    }
  }
}

/** The form that asks for an evaluation. */
function startForm({ datasets, models, protocols, query }) {
  const splitsOf = name => datasets.find(dataset => dataset.name === name)?.splits.map(split => split.name) ?? [];
  const dataset = choice("dataset", datasets.map(({ name }) => name), query.get("dataset"));
  const split = choice("split", []);
  const protocol = choice("protocol", protocols.map(({ name }) => name), query.get("protocol") ?? "coco-bbox");
  const model = choice("model", models.map(({ name, version }) => ({ value: `${name}@${version}`, label: `${name} ${version}` })), query.get("model"));
  const file = h("input", { type: "file", name: "detections", accept: ".json,.gz,application/json" });
  const about = h("p", { class: "quiet small" });
  const fault = h("div");
  const start = h("button", { class: "primary" }, "Start");

  const modelField = field("Model", model);
  const fileField = field("Detections", file, "A COCO results file (JSON, compressed by gzip or not)");
  const source = (value, label) => h("label", null, h("input", { type: "radio", name: "source", value, checked: value === "model", onchange: chooseSource }), label);
  dataset.addEventListener("change", chooseDataset);
  protocol.addEventListener("change", () => { about.textContent = protocols.find(({ name }) => name === protocol.value)?.description ?? ""; });
  chooseDataset();
  protocol.dispatchEvent(new Event("change"));

  const form = h("form", { class: "stack", onsubmit: ask },
    h("fieldset", { class: "segments" }, h("legend", { class: "visually-hidden" }, "What to evaluate"), source("model", "A model of this server"), source("file", "Detections made elsewhere")),
    h("div", { class: "fields aligned" }, modelField, fileField, field("Dataset", dataset), field("Split", split), field("Protocol", protocol)),
    about, fault, h("div", { class: "actions" }, start));
  form.elements.source.value = models.length > 0 ? "model" : "file";
  chooseSource();
  return h("details", { class: "card", open: query.has("start") }, h("summary", null, "Start an evaluation"), form);

  function chooseSource() {
    const isModel = form.elements.source.value === "model";
    modelField.hidden = !isModel;
    fileField.hidden = isModel;
  }

  function chooseDataset() {
    const splits = splitsOf(dataset.value);
    split.replaceChildren(...splits.map(name => h("option", { value: name, selected: name === "test" }, name)));
  }

  async function ask(event) {
    event.preventDefault();
    clearFaults(form);
    fault.replaceChildren();
    start.disabled = true;
    const isModel = form.elements.source.value === "model";
    const body = new FormData();
    for (const [name, value] of [["dataset", dataset.value], ["split", split.value], ["protocol", protocol.value]]) body.append(name, value);
    if (isModel) {
      const at = model.value.lastIndexOf("@");
      body.append("model", model.value.slice(0, at));
      body.append("version", model.value.slice(at + 1));
    } else if (file.files.length > 0) body.append("detections", file.files[0]);
    try {
      const { id } = await send("POST", "/v1/evaluations", { form: body });
      await navigate(`/evaluations/${id}`);
    } catch (refusal) {
      // Without a file the server asks for a model or detections.
      const rest = tellFaults(form, refusal, { version: "model", ...(isModel ? {} : { model: "detections" }) });
      if (rest) problem(fault, rest);
    } finally {
      start.disabled = false;
    }
  }
}
