// Submitting to a leaderboard: a model of the server, detections made elsewhere, or an ONNX file.

import { send } from "../api.js";
import { h, problem, say } from "../dom.js";
import { choice, clearFaults, field, tellFaults } from "../fields.js";
import { counted, date } from "../format.js";

const sources = [["model", "A model of this server"], ["detections", "Detections made elsewhere"], ["onnx", "An ONNX file"]];

/** onSubmitted(submission) is called for what was taken. */
export function submitForm(board, models, onSubmitted) {
  const path = `/v1/leaderboards/${encodeURIComponent(board.name)}/submissions`;
  const several = board.datasets.length > 1;
  const hasDivisions = board.protocol.startsWith("usb");
  const quota = h("p", { class: "quiet" });
  const fault = h("div");
  const button = h("button", { class: "primary" }, "Submit");
  const file = (name, accept) => h("input", { type: "file", name, accept });
  const method = h("input", { type: "text", name: "method", required: true, autocomplete: "off" });
  const description = h("textarea", { name: "description", rows: 2 });
  const model = choice("model", models.map(({ name, version }) => ({ value: `${name}@${version}`, label: `${name} ${version}` })));
  const files = board.datasets.map(({ name }) => file(several ? `detections.${name}` : "detections", ".json,.csv,.gz"));
  const declared = h("textarea", { name: "declared", rows: 3, class: "mono", spellcheck: false });
  const division = h("input", { type: "text", name: "division", autocomplete: "off" });
  const onnx = Object.assign(file("model", ".onnx"), { id: "field-onnx" });
  const passport = file("passport", ".json");

  const parts = {
    model: [field("Model", model)],
    detections: [
      ...files.map((input, i) => field(several ? `Detections on ${board.datasets[i].name}` : "Detections", input, "COCO results (JSON) or CSV, compressed by gzip or not")),
      ...(hasDivisions ? [field("How it was trained", declared, "JSON with trainedOn, pretrainedOn and testResolution as a passport's provenance has them. Without it the submission is listed, and not ranked")] : []),
    ],
    onnx: [field("ONNX file", onnx), field("Passport", passport, "model.json, where there is one: categories, input and how it was trained")],
  };
  if (hasDivisions) {
    const one = field("Division", division, "Such as Standard: the model's input is scaled down to its limit. Without it the one that the model's own input has");
    parts.model.push(one);
    parts.onnx.push(one);
  }
  const form = h("form", { class: "stack", onsubmit: submit, onchange: event => event.target.name === "source" && choose() },
    h("fieldset", { class: "segments" }, h("legend", { class: "visually-hidden" }, "What to submit"),
      sources.map(([value, label]) => h("label", null, h("input", { type: "radio", name: "source", value, defaultChecked: value === (models.length > 0 ? "model" : "detections") }), label))),
    h("div", { class: "fields aligned" }, field("Method", method, "Its name on the leaderboard. The newest of its submissions counts"), [...new Set(Object.values(parts).flat())], field("Description", description)),
    fault, h("div", { class: "actions" }, button, quota));
  choose();
  tellQuota(board.yourQuota);
  return h("details", { class: "card" }, h("summary", null, "Submit"), form);

  function choose() {
    const shown = parts[form.elements.source.value];
    for (const one of Object.values(parts).flat()) one.hidden = !shown.includes(one);
  }

  function tellQuota(now) {
    if (!now) return;
    quota.textContent = `${now.remaining} of ${counted(now.limit, "submission")} left until ${date(now.resetsAt)}`;
    button.disabled = now.remaining === 0;
  }

  async function submit(event) {
    event.preventDefault();
    clearFaults(form);
    fault.replaceChildren();
    button.disabled = true;
    button.textContent = "Submitting…";
    let left = null;
    try {
      const submission = await send("POST", path, body());
      left = submission.quota;
      say(`${submission.method} was submitted.`);
      form.reset();
      choose();
      onSubmitted(submission);
    } catch (refusal) {
      left = refusal.quota ?? null;
      const rest = tellFaults(form, refusal, { version: "model" });
      if (rest) problem(fault, rest);
    } finally {
      button.textContent = "Submit";
      button.disabled = false;
      tellQuota(left);
    }
  }

  function body() {
    const source = form.elements.source.value;
    if (source === "model") {
      const at = model.value.lastIndexOf("@");
      return { json: { method: method.value.trim(), description: description.value.trim() || null, model: model.value.slice(0, at), version: Number(model.value.slice(at + 1)), division: division.value.trim() || null } };
    }
    const data = new FormData();
    data.append("method", method.value.trim());
    if (description.value.trim()) data.append("description", description.value.trim());
    if (source === "onnx" && division.value.trim()) data.append("division", division.value.trim());
    if (source === "detections" && declared.value.trim()) data.append("declared", declared.value.trim());
    for (const input of source === "detections" ? files : [onnx, passport]) if (input.files.length > 0) data.append(input.name, input.files[0]);
    return { form: data };
  }
}
