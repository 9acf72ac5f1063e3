// Datasets: all that this server evaluates on, and a way to send it one.

import { get, send, upload } from "../api.js";
import { add, badge, h, heading, problem, say } from "../dom.js";
import { bytes, count, date, percent } from "../format.js";
import { navigate } from "../router.js";
import { may } from "../session.js";
import { table } from "../table.js";

const sum = (splits, of) => splits.some(split => of(split) == null) ? null : splits.reduce((total, split) => total + of(split), 0);
const formats = [["", "told from what is there"], ["coco", "COCO"], ["voc", "Pascal VOC"], ["yolo", "YOLO"], ["manga109", "Manga109"], ["waymo", "Waymo Open v2"]];

export async function show(view, { signal }) {
  const [{ datasets }, isHost] = await Promise.all([get("/v1/datasets", { signal }), may("host")]);
  add(
    view,
    heading("Datasets", "What models are evaluated on. A dataset has versions, and an evaluation keeps the one that it was asked for on."),
    h("section", { class: "card" }, table({
      caption: "Datasets", hideCaption: true, rows: datasets, empty: "There is no dataset yet.", columns: [
        { label: "Dataset", value: set => set.name, header: true, text: set => h("a", { href: `/datasets/${encodeURIComponent(set.name)}` }, set.name) },
        { label: "Annotations", value: set => set.visibility, text: set => visibilityBadge(set.visibility) },
        { label: "Splits", text: set => set.splits.map(split => split.name).join(", ") },
        { label: "Images", value: set => sum(set.splits, split => split.images), numeric: true, text: set => count(sum(set.splits, split => split.images)) },
        { label: "Objects", value: set => sum(set.splits, split => split.annotations), numeric: true, text: set => count(sum(set.splits, split => split.annotations)) },
        { label: "Categories", value: set => Math.max(0, ...set.splits.map(split => split.categories.length)), numeric: true },
        { label: "Version", value: set => set.version, numeric: true },
        { label: "Since", value: set => Date.parse(set.createdAt), text: set => date(set.createdAt) },
      ],
    })),
    isHost && sendDataset());
  return "Datasets";
}

/** Whether annotations are for everyone. */
export const visibilityBadge = visibility => visibility === "public" ? badge("public", "good") : badge("private", "warn");

function sendDataset() {
  const name = h("input", { type: "text", required: true, pattern: "[A-Za-z0-9._\\-]+", maxLength: 64, autocomplete: "off", placeholder: "my-dataset" });
  const file = h("input", { type: "file", accept: ".zip,.tar,.gz,.tgz", required: true, onchange: () => suggest() });
  const path = h("input", { type: "text", autocomplete: "off" });
  const format = h("select", null, formats.map(([value, text]) => h("option", { value }, text)));
  const description = h("input", { type: "text", autocomplete: "off" });
  const visibility = choice("Annotations", "visibility", [["private", "private"], ["public", "public"]]);
  const from = choice("From", "from", [["archive", "an archive"], ["folder", "a folder of the server"]], () => chooseSource());
  const archiveField = h("label", { class: "field" }, "Archive (zip, tar or tar.gz)", file);
  const pathField = h("label", { class: "field", hidden: true }, "Folder, below one of Serve:DatasetRoots", path);
  const progress = h("progress", { max: 1, value: 0, "aria-label": "Sent" });
  const told = h("div", { hidden: true }, progress, h("p", { class: "quiet small" }, ""));
  const fault = h("div");
  const button = h("button", { class: "primary" }, "Register");

  const suggest = () => {
    if (!name.value && file.files[0]) name.value = file.files[0].name.replace(/\.(zip|tar|tgz|tar\.gz|gz)$/i, "").replace(/[^\w.-]+/g, "-").slice(0, 64);
  };
  const chooseSource = () => {
    const isFolder = from.value() === "folder";
    [archiveField.hidden, file.required, pathField.hidden, path.required] = [isFolder, !isFolder, !isFolder, isFolder];
  };
  const tell = (share, total) => {
    progress.value = share;
    told.lastChild.textContent = share < 1 ? `${percent(share)} of ${bytes(total)} is sent.` : "All is sent; the server checks it.";
    if (share === 1) progress.removeAttribute("value");
  };

  const register = () => {
    const options = { visibility: visibility.value(), format: format.value, description: description.value };
    if (from.value() === "folder")
      return send("POST", "/v1/datasets", { json: { name: name.value, path: path.value, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value)) } });
    const query = new URLSearchParams(Object.entries(options).filter(([, value]) => value));
    told.hidden = false;
    return upload("PUT", `/v1/datasets/${encodeURIComponent(name.value)}?${query}`, file.files[0], { progress: share => tell(share, file.files[0].size) });
  };

  return h("details", { class: "card" }, h("summary", null, "Register a dataset"),
    h("form", {
      class: "stack", onsubmit: async event => {
        event.preventDefault();
        fault.replaceChildren();
        button.disabled = true;
        say("Registering the dataset.");
        try {
          const dataset = await register();
          navigate(`/datasets/${encodeURIComponent(dataset.name)}`);
        } catch (refusal) {
          problem(fault, refusal);
        } finally {
          button.disabled = false;
          told.hidden = true;
        }
      },
    },
    h("p", { class: "quiet" }, "It is checked before it can be used, and with an error nothing is kept. The same files again are the same version. ",
      "Private annotations never leave the server: others see headline numbers, and the pictures."),
    from.element,
    h("div", { class: "fields" }, archiveField, pathField, h("label", { class: "field" }, "Name", name), h("label", { class: "field" }, "Format", format), h("label", { class: "field" }, "What it is", description)),
    visibility.element,
    told, fault, h("div", { class: "actions" }, button)));
}

function choice(legend, name, values, changed = () => {}) {
  const element = h("fieldset", { class: "plain-fieldset", onchange: changed }, h("legend", null, legend),
    h("div", { class: "segments" }, values.map(([value, text], index) => h("label", null, h("input", { type: "radio", name, value, checked: index === 0 }), text))));
  return { element, value: () => element.querySelector(":checked").value };
}
