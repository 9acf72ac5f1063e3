// A model: where it stands, what was recognised, where it comes from, what runs it.

import { get, save, send } from "../api.js";
import { ask } from "../ask.js";
import { add, badge, facts, h, heading, problem, say } from "../dom.js";
import { bytes, count, counted, date, fixed, milliseconds, points, short } from "../format.js";
import { navigate, reload } from "../router.js";
import { caller } from "../session.js";
import { table } from "../table.js";
import { stateKinds } from "./models.js";

const metricOrder = ["AP", "AP50", "AP75", "APs", "APm", "APl"];
const changing = ["loading", "unloading"];

export async function show(view, { params, query, signal }) {
  const version = query.get("version");
  const path = `/v1/models/${encodeURIComponent(params.name)}${version ? `/versions/${encodeURIComponent(version)}` : ""}`;
  const [model, me] = await Promise.all([get(path, { signal }), caller()]);
  const { passport } = model;
  const provenance = passport?.provenance;
  const fault = h("div");

  add(
    view,
    h("div", null,
      h("p", { class: "crumb" }, h("a", { href: "/models" }, "Models")),
      heading(`${model.name} ${model.version}`, h("span", null, badge(model.state, stateKinds[model.state]), model.reason && ` ${model.reason}`), actionsOf(model, me, fault))),
    fault,
    stats(model, passport, provenance),
    h("div", { class: "columns" },
      h("section", { class: "card" }, h("h2", null, "What was recognised"), recognised(model, passport)),
      h("section", { class: "card" }, h("h2", null, "Where it comes from"), origin(provenance))),
    provenance?.metrics?.length > 0 && h("section", { class: "card" }, results(provenance.metrics)),
    h("div", { class: "columns" },
      passport && h("section", { class: "card" }, h("h2", null, "Input"), input(passport.input)),
      h("section", { class: "card" }, h("h2", null, "How it runs"), running(model))),
    passport && h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", null, counted(passport.categories.length, "category", "categories")),
      h("button", { type: "button", class: "quiet small", onclick: () => save(new Blob([JSON.stringify(passport, null, 2)], { type: "application/json" }), "model.json") }, "Save the passport")),
    h("ul", { class: "tags" }, passport.categories.map(category => h("li", { class: "tag", title: `id ${category.id}` }, category.name)))),
    model.states.length > 1 && h("section", { class: "card" }, versions(model)));

  if (changing.includes(model.state)) setTimeout(() => signal.aborted || reload(), 1500);
  return model.name;
}

function actionsOf(model, me, fault) {
  const base = `/v1/models/${encodeURIComponent(model.name)}/versions/${model.version}`;
  const act = (label, kind, work) => h("button", {
    type: "button", class: kind, onclick: async event => {
      const button = event.currentTarget;
      fault.replaceChildren();
      button.disabled = true;
      try {
        await work();
      } catch (refusal) {
        problem(fault, refusal);
      } finally {
        button.disabled = false;
      }
    },
  }, label);
  const change = (step, done) => async () => {
    await send("POST", `${base}/${step}`);
    say(done);
    await reload();
  };
  const remove = async () => {
    if (!await ask({ title: `Delete ${model.name} ${model.version}?`, text: "Its files are removed from the server. Requests in flight finish first.", action: "Delete" })) return;
    await send("DELETE", base);
    say("Deleted.");
    await navigate("/models");
  };
  return [
    model.state !== "failed" && h("a", { class: "button primary", href: `/?model=${encodeURIComponent(model.name)}` }, "Try it"),
    me?.changesModels && act(model.loaded ? "Load anew" : "Load", "", change("load", "Loaded.")),
    me?.changesModels && model.loaded && act("Unload", "", change("unload", "Unloaded.")),
    me?.changesModels && act("Delete", "danger", remove),
  ].filter(Boolean);
}

function stats(model, passport, provenance) {
  const one = (name, value, below) => value != null && h("div", null, h("dt", null, name), h("dd", null, value, below && h("small", null, below)));
  const scored = provenance?.metrics?.filter(entry => entry.values.AP != null) ?? [];
  const best = scored.find(entry => entry.dataset.endsWith("/test")) ?? scored[0];
  return h("dl", { class: "stats" },
    best && one("AP", points(best.values.AP), `${best.dataset}, ${best.protocol}`),
    one("One picture", model.execution && milliseconds(model.execution.millisecondsAlone), model.device && `alone on ${model.device}`),
    one("Input", passport?.input.width && `${passport.input.width} × ${passport.input.height}`, "pixels"),
    one("Parameters", provenance && short(provenance.parameters)),
    one("Multiply-adds", provenance && short(provenance.multiplyAdds), "a picture"),
    one("Memory", model.memoryBytes ? bytes(model.memoryBytes) : null));
}

const recognised = (model, passport) => h("div", { class: "stack" },
  model.explanation.length > 0 && h("ul", { class: "sentences" }, model.explanation.map(sentence => h("li", null, sentence))),
  facts([["Family", model.family], ["Scores from", passport && fixed(passport.scoreThreshold)], ["Finds", passport && (passport.outputs?.masks || passport.decoding?.masks ? "boxes and masks" : "boxes")], ["SHA-256", model.contentHash && h("code", null, model.contentHash)]]));

function origin(provenance) {
  if (!provenance) return h("p", { class: "quiet" }, "Nothing is known of how it was trained: its files do not say.");
  const trained = list => h("ul", { class: "plain" }, list.map(data => h("li", null, data.name, h("span", { class: "quiet" }, ` ${counted(data.images, "image")}, ${counted(data.epochs, "epoch")}`))));
  return facts([
    ["Recipe", h("code", null, provenance.recipe)],
    ["Trained on", trained(provenance.trainedOn)],
    ["Pre-trained on", provenance.pretrainedOn?.length > 0 ? trained(provenance.pretrainedOn) : "nothing: it began with random weights"],
    ["Learnt from", provenance.annotationTypes?.join(", ")],
    ["Training resolution", provenance.trainingResolution],
    ["Test resolution", provenance.testResolution],
    ["Test-time augmentation", provenance.testTimeAugmentation == null ? null : provenance.testTimeAugmentation ? "yes" : "no"],
    ["Seed", provenance.seed],
    ["Commit", h("code", null, provenance.commit)],
    ["Licence", provenance.licence],
  ]);
}

function results(metrics) {
  const names = [...new Set(metrics.flatMap(entry => Object.keys(entry.values)))];
  const shown = [...metricOrder.filter(name => names.includes(name)), ...names.filter(name => !metricOrder.includes(name))];
  return table({
    caption: "Results that stand in its passport, in points", rows: metrics, columns: [
      { label: "Dataset", value: entry => entry.dataset, header: true },
      { label: "Protocol", value: entry => entry.protocol },
      ...shown.map(name => ({ label: name, value: entry => entry.values[name], text: entry => points(entry.values[name]), numeric: true })),
    ],
  });
}

const input = spec => facts([
  ["Tensor", h("code", null, spec.name)],
  ["Size", spec.width && `${spec.width} × ${spec.height} pixels`],
  ["Scaled", [spec.resize, spec.filter].filter(Boolean).join(", ")],
  ["Filled with", spec.padValue],
  ["Channels", spec.channelOrder],
  ["Layout", spec.layout],
  ["Element", spec.type ?? spec.pixelType],
  ["Times", spec.scale === 1 ? null : spec.scale < 1 ? `1/${Math.round(1 / spec.scale)}` : spec.scale],
  ["Mean", spec.mean?.some(value => value !== 0) ? spec.mean.join(", ") : null],
  ["Deviation", spec.std?.some(value => value !== 1) ? spec.std.join(", ") : null],
]);

function running({ device, deviceReason, execution, statistics, maxBatch, pinned, inUse }) {
  if (!execution) return h("p", { class: "quiet" }, "It is not in memory; it is loaded when it is first asked for, unless it was unloaded by request.");
  return h("div", { class: "stack" }, facts([
    ["Device", device],
    ["Why", deviceReason],
    ["Nodes", Object.entries(execution.nodesPerProvider).map(([provider, nodes]) => `${count(nodes)} ${provider.replace("ExecutionProvider", "")}`).join(", ")],
    ["Threads", `${execution.threadsAlone} alone, ${execution.threadsShared} of each of ${execution.runners} side by side`],
    ["Together", maxBatch > 1 ? `at most ${counted(maxBatch, "picture")}; ${count(execution.favouredBatch)} by the times` : "one picture a run"],
    ["A run takes", h("ul", { class: "plain" }, Object.entries(execution.millisecondsPerBatch).map(([batch, time]) => h("li", null, milliseconds(time), h("span", { class: "quiet" }, ` of ${counted(Number(batch), "picture")}`))))],
    ["Pinned", pinned ? "stays in memory" : null],
    ["Now answering", inUse > 0 ? counted(inUse, "request") : null],
    ["Answered", statistics && `${counted(statistics.answered, "request")}${statistics.failed ? `, ${count(statistics.failed)} not` : ""}`],
    ["Last run", statistics?.lastRun && date(statistics.lastRun)],
  ]));
}

const versions = model => table({
  caption: "Versions", rows: model.states, sort: { column: 0, descending: true }, columns: [
    { label: "Version", value: one => one.version, header: true, numeric: true, text: one => one.version === model.version ? String(one.version) : h("a", { href: `/models/${encodeURIComponent(model.name)}?version=${one.version}` }, one.version) },
    { label: "State", value: one => one.state, text: one => badge(one.state, stateKinds[one.state]) },
    { label: "Why", value: one => one.reason || null },
  ],
});
