// Fields of forms, with what the server finds wrong in them beneath.

import { count } from "./format.js";
import { h } from "./dom.js";

const most = 20;

/** A field: its label, its control, a hint, and a place for faults. The control's name is the server's. */
export function field(label, control, hint) {
  const id = control.id ||= `field-${control.name}`;
  control.setAttribute("aria-describedby", `${id}-hint ${id}-faults`);
  return h("div", { class: "field", "data-field": control.name },
    h("label", { for: id }, label), control, h("span", { id: `${id}-hint`, class: "hint" }, hint), h("ul", { id: `${id}-faults`, class: "field-faults", hidden: true }));
}

/** A choice: options are texts, or {value, label}. */
export function choice(name, options, chosen) {
  return h("select", { name }, options.map(option => {
    const { value, label } = typeof option === "string" ? { value: option, label: option } : option;
    return h("option", { value, selected: value === chosen }, label);
  }));
}

/** Takes away what was told of the fields of a form. */
export function clearFaults(form) {
  for (const list of form.querySelectorAll(".field-faults")) {
    list.hidden = true;
    list.replaceChildren();
  }
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/**
 * Tells each fault of a problem at its field, moves the focus to the first, and gives the problem without what was told: null when nothing is left. aliases: names of the
 * server's fields that are meant by another one of the form.
 */
export function tellFaults(form, problem, aliases = {}) {
  clearFaults(form);
  const left = {};
  let first = null;
  for (const [name, texts] of Object.entries(problem.errors ?? {})) {
    const place = [...form.querySelectorAll(`[data-field="${CSS.escape(aliases[name] ?? name)}"]`)].find(field => !field.hidden);
    if (!place) {
      left[name] = texts;
      continue;
    }
    const list = place.querySelector(".field-faults");
    list.append(...texts.slice(0, most).map(text => h("li", null, text)), ...(texts.length > most ? [h("li", null, `… and ${count(texts.length - most)} more`)] : []));
    list.hidden = false;
    const control = place.querySelector("input, select, textarea");
    control.setAttribute("aria-invalid", "true");
    first ??= control;
  }
  first?.focus();
  if (Object.keys(problem.errors ?? {}).length > 0 && Object.keys(left).length === 0) return null;
  return Object.assign(Object.create(problem), { errors: left, status: problem.status, title: problem.title, detail: first ? "What follows stands at no field here." : problem.detail });
}
