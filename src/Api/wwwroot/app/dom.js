// Elements, and what every page shows in the same way.

const svgSpace = "http://www.w3.org/2000/svg";

/**
 * An element. Text only ever becomes text nodes.
 * Props: class; on{event} with a function; style as an object; aria-*, data-* and other attributes; else the element's properties.
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
  return add(element, ...children);
}

/** An element of a drawing; props are attributes. */
export function svg(tag, props, ...children) {
  const element = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(props ?? {})) if (value != null) element.setAttribute(name, value);
  return add(element, ...children);
}

/** Adds children to an element: nodes and texts, in lists or not. What is null, undefined or false is left out. */
export function add(element, ...children) {
  for (const child of children.flat(Infinity)) if (child != null && child !== false) element.append(child);
  return element;
}

function set(element, name, value) {
  if (name.startsWith("aria-")) {
    if (value != null) element.setAttribute(name, value);
  } else if (value == null || value === false) {
    if (name in element && value === false) element[name] = false;
  } else if (name === "class") element.className = value;
  else if (name === "style") Object.entries(value).forEach(([key, text]) => element.style.setProperty(key, text));
  else if (name.startsWith("on")) element.addEventListener(name.slice(2).toLowerCase(), value);
  else if (name.includes("-") || !(name in element) || name === "role" || name === "list" || name === "form") element.setAttribute(name, value === true ? "" : value);
  else element[name] = value;
}

/** Tells a screen reader, and nobody else, what has happened. */
export function say(text) {
  document.getElementById("status").textContent = text;
}

/** Shows in a place that something is on its way. */
export function busy(place, text = "Loading…") {
  place.replaceChildren(h("p", { class: "busy", role: "status" }, text));
}

// What a person reads in place of HTTP's words.
const titles = {
  400: "It was refused", 401: "A key is needed", 403: "That is not allowed", 404: "It is not there", 409: "Not as it stands now", 413: "Too large", 415: "It cannot be read", 422: "It was refused",
  429: "Too much at once", 503: "Not at the moment",
};

/** Shows a problem in a place, with all its faults. */
export function problem(place, fault) {
  const { status = 0, detail, errors = {}, problems = [], problemCount = problems.length } = fault;
  const title = titles[status] ?? fault.title ?? "Something went wrong";
  const faults = Object.entries(errors).flatMap(([field, texts]) => [texts].flat().map(text => h("li", null, field && h("code", null, field), field && " ", String(text))));
  const found = problems.map(({ file, record, field, fault: text }) =>
    h("li", null, [file, record, field].filter(Boolean).map(part => [h("code", null, part), " "]), text));
  const left = problemCount - problems.length;
  place.replaceChildren(
    h("div", { class: "problem", role: "alert" },
      h("p", { class: "problem-title" }, title),
      (detail ?? fault.message) !== title && h("p", null, detail ?? fault.message),
      (faults.length > 0 || found.length > 0) && h("ul", { class: "faults" }, faults, found, left > 0 && h("li", null, `… and ${left.toLocaleString("en")} more`)),
      status === 401 && h("button", { type: "button", class: "primary", onclick: () => document.dispatchEvent(new Event("keyneeded")) }, "Sign in with a key")));
}

/** The head of a page: its h1, a line below it, and buttons or links at its end. */
export function heading(title, about, ...actions) {
  return h("div", { class: "heading" }, h("div", null, h("h1", { tabIndex: -1 }, title), about && h("p", { class: "quiet" }, about)), actions.length > 0 && h("div", { class: "actions" }, actions));
}

/** A state: its word, and a dot whose colour repeats it. Kinds: good, bad, warn, live, idle. */
export function badge(text, kind = "idle") {
  return h("span", { class: `badge ${kind}` }, text);
}

/** Names and values; those without a value are left out. */
export function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.filter(([, value]) => value != null && value !== "").map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
}

/** A button that copies what `text` gives when it is pressed. */
export function copyButton(label, text) {
  const button = h("button", { type: "button", class: "quiet small" }, label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
      say("Copied.");
    } catch {
      button.textContent = "This browser does not let a page copy";
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
  return button;
}
