// Leaderboards: what there is, and making one.

import { get, send } from "../api.js";
import { badge, h, heading, problem } from "../dom.js";
import { choice, clearFaults, field, tellFaults } from "../fields.js";
import { count, date, points } from "../format.js";
import { navigate } from "../router.js";
import { may } from "../session.js";
import { table } from "../table.js";

const perPage = 100;

/** Whose rules hold for a dataset under USB. */
const roles = [["coco", "COCO"], ["wod", "Waymo Open Dataset"], ["m109s", "Manga109-s"]];

export async function show(view, { signal }) {
  const [{ leaderboards, total }, mayMake] = await Promise.all([get(`/v1/leaderboards?limit=${perPage}`, { signal }), may("host")]);
  view.append(heading("Leaderboards", "Methods of many, ranked on the same data under the same protocol. Those whose difference may be chance share a rank."));
  if (mayMake) {
    const [{ datasets }, { protocols }] = await Promise.all([get("/v1/datasets", { signal }), get("/v1/protocols", { signal })]);
    view.append(makeForm(datasets, protocols));
  }
  view.append(h("section", { class: "card", "aria-label": "All leaderboards" }, table({
    caption: "Leaderboards", hideCaption: true, rows: leaderboards, empty: "There is no leaderboard yet. A host makes one.",
    columns: [
      {
        label: "Leaderboard", value: board => board.title || board.name, header: true,
        text: board => h("div", null, h("a", { href: `/leaderboards/${encodeURIComponent(board.name)}` }, board.title || board.name)),
      },
      { label: "Datasets", text: board => board.datasets.map(({ name, split }) => `${name}/${split}`).join(", ") },
      { label: "Protocol", value: board => board.protocol },
      { label: "Best", value: board => board.best?.value, text: board => board.best ? `${board.best.method}: ${board.headline} ${points(board.best.value)}` : "–" },
      { label: "Submissions", value: board => board.submissions, text: board => count(board.submissions), numeric: true },
      { label: "State", value: board => board.isOpen, text: stateOf },
      { label: "By", value: board => board.owner },
    ],
  }), total > leaderboards.length && h("p", { class: "quiet small" }, `The first ${count(leaderboards.length)} of ${count(total)}.`)));
  return "Leaderboards";
}

/** Whether a leaderboard takes submissions, and how long. */
export const stateOf = ({ isOpen, closesAt }) =>
  h("span", null, isOpen ? badge("open", "good") : badge("closed"), closesAt && ` ${isOpen ? "until" : "since"} ${date(closesAt)}`);

function makeForm(datasets, protocols) {
  const splits = datasets.flatMap(({ name, splits: of }) => of.map(split => ({ value: `${name}/${split.name}`, label: `${name}/${split.name}` })));
  const chosen = h("select", { name: "datasets", multiple: true, size: Math.min(6, Math.max(2, splits.length)) }, splits.map(({ value, label }) => h("option", { value }, label)));
  const protocol = choice("protocol", protocols.map(({ name }) => name), "coco-bbox");
  const roleOf = new Map();
  const rolesPlace = h("div", { class: "fields" });
  const fault = h("div");
  const button = h("button", { class: "primary" }, "Make");
  const text = (name, props) => h("input", { type: "text", name, autocomplete: "off", ...props });
  const form = h("form", { class: "stack", onsubmit: make, onchange: event => [protocol, chosen].includes(event.target) && showRoles() },
    h("div", { class: "fields aligned" },
      field("Name", text("name", { required: true }), "Stands in its address: letters, digits and . _ -"),
      field("Title", text("title")),
      field("Protocol", protocol),
      field("Datasets", chosen, "Of several the mean counts. Ctrl or ⌘ chooses more"),
      field("Submissions a day", h("input", { type: "number", name: "submissionsPerDay", min: 1, step: 1, value: 10 }), "Of each submitter"),
      field("Closes", h("input", { type: "datetime-local", name: "closesAt" }), "Open without an end if it is empty")),
    rolesPlace,
    field("Description", h("textarea", { name: "description", rows: 3 })),
    fault, h("div", { class: "actions" }, button));
  return h("details", { class: "card" }, h("summary", null, "Make a leaderboard"), form);

  /** Under USB each dataset has a role. */
  function showRoles() {
    roleOf.clear();
    for (const { value } of protocol.value === "usb" ? chosen.selectedOptions : []) roleOf.set(value, choice("role", roles.map(([role, label]) => ({ value: role, label }))));
    rolesPlace.replaceChildren(...[...roleOf].map(([value, select]) => h("label", { class: "field" }, `Rules that hold for ${value}`, select)));
  }

  async function make(event) {
    event.preventDefault();
    clearFaults(form);
    fault.replaceChildren();
    button.disabled = true;
    const { name, title, description, submissionsPerDay, closesAt } = form.elements;
    try {
      const board = await send("POST", "/v1/leaderboards", {
        json: {
          name: name.value.trim(), title: title.value.trim() || null, description: description.value.trim() || null, protocol: protocol.value,
          datasets: [...chosen.selectedOptions].map(({ value }) => ({ name: value.slice(0, value.lastIndexOf("/")), split: value.slice(value.lastIndexOf("/") + 1), role: roleOf.get(value)?.value ?? null })),
          submissionsPerDay: submissionsPerDay.valueAsNumber || null, closesAt: closesAt.value ? new Date(closesAt.value).toISOString() : null,
        },
      });
      await navigate(`/leaderboards/${encodeURIComponent(board.name)}`);
    } catch (refusal) {
      const rest = tellFaults(form, refusal);
      if (rest) problem(fault, rest);
    } finally {
      button.disabled = false;
    }
  }
}
