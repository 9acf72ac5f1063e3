// Models: all that this server has, and a way to send it one.

import { get, upload } from "../api.js";
import { add, badge, h, heading, problem, say } from "../dom.js";
import { bytes, count, counted } from "../format.js";
import { navigate } from "../router.js";
import { caller } from "../session.js";
import { table } from "../table.js";

export const stateKinds = { ready: "good", unloaded: "idle", loading: "live", unloading: "live", failed: "bad" };

export async function show(view, { signal }) {
  const [list, me] = await Promise.all([get("/v1/models", { signal }), caller()]);
  const loaded = list.models.filter(model => model.loaded).length;
  add(
    view,
    heading("Models", `${counted(list.models.length, "version")} on this server, ${count(loaded)} in memory${list.memoryBytes ? ` (${bytes(list.memoryBytes)})` : ""}.`),
    list.faults.length > 0 && h("div", { class: "problem" }, h("p", { class: "problem-title" }, "What lies in the models folder and cannot be served"), h("ul", { class: "faults" }, list.faults.map(fault => h("li", null, fault)))),
    h("section", { class: "card" }, table({
      caption: "Models", hideCaption: true, rows: list.models, empty: "There is no model yet.", columns: [
        { label: "Model", value: model => model.name, header: true, text: model => [h("a", { href: address(model) }, model.name), model.name === list.default && h("span", { class: "tag beside" }, "default")] },
        { label: "Version", value: model => model.version, numeric: true },
        { label: "State", value: model => model.state, text: model => h("span", { title: model.reason }, badge(model.state, stateKinds[model.state])) },
        { label: "Family", value: model => model.family },
        { label: "Categories", value: model => model.categories.length, numeric: true, text: model => model.categories.length ? count(model.categories.length) : null },
        { label: "Input", value: model => model.inputWidth && model.inputWidth * model.inputHeight, numeric: true, text: model => model.inputWidth && `${model.inputWidth} × ${model.inputHeight}` },
        { label: "Memory", value: model => model.memoryBytes || null, numeric: true, text: model => model.memoryBytes ? bytes(model.memoryBytes) : null },
      ],
    })),
    me?.changesModels && sendModel(list.models));
  return "Models";
}

const address = ({ name, version }) => `/models/${encodeURIComponent(name)}?version=${version}`;

function sendModel(models) {
  const name = h("input", { type: "text", required: true, pattern: "[A-Za-z0-9._\\-]+", placeholder: "my-detector", autocomplete: "off" });
  const version = h("input", { type: "number", min: 1, value: 1, required: true });
  const files = h("input", { type: "file", accept: ".onnx,.json,.txt,.data,.bin", multiple: true, required: true, onchange: () => suggest() });
  const progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Sent" });
  const fault = h("div");
  const button = h("button", { class: "primary" }, "Send");

  const suggest = () => {
    const graph = [...files.files].find(file => file.name.endsWith(".onnx"));
    if (!name.value && graph && graph.name !== "model.onnx") name.value = graph.name.replace(/\.onnx$/i, "").replace(/[^\w.-]+/g, "-");
    version.value = 1 + Math.max(0, ...models.filter(model => model.name === name.value).map(model => model.version));
  };

  const body = () => {
    const form = new FormData();
    for (const file of files.files) form.append("file", file, file.name);
    return form;
  };

  return h("details", { class: "card" }, h("summary", null, "Send a model"),
    h("form", {
      class: "stack", onsubmit: async event => {
        event.preventDefault();
        fault.replaceChildren();
        button.disabled = true;
        progress.hidden = false;
        try {
          say("Sending the model.");
          await upload("PUT", `/v1/models/${encodeURIComponent(name.value)}/versions/${version.value}`, body(), { progress: share => { progress.value = share; } });
          navigate(address({ name: name.value, version: version.value }));
        } catch (refusal) {
          problem(fault, refusal);
        } finally {
          button.disabled = false;
          progress.hidden = true;
        }
      },
    },
    h("p", { class: "quiet" }, "An ONNX file, with its model.json or labels.txt where there is one; else its family is recognised. It is opened and warmed up before it answers, and when it cannot be served, what was there stays."),
    h("div", { class: "fields" }, h("label", { class: "field" }, "ONNX file, and what belongs to it", files), h("label", { class: "field" }, "Name", name), h("label", { class: "field" }, "Version", version)),
    progress, fault, h("div", { class: "actions" }, button)));
}
