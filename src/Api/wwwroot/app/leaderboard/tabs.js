// Tabs: one of several parts is shown; the arrow keys go from one to the next.

import { h } from "../dom.js";

let made = 0;

/** parts: {id, name, content: () => element}; chosen: an id; onChoose(id). What a part shows is made whenever it is chosen: charts that are out of sight are given up. */
export function tabs(label, parts, chosen, onChoose) {
  const group = `tabs-${++made}`;
  const list = h("div", { role: "tablist", "aria-label": label });
  const buttons = parts.map(({ id, name }, i) => h("button", {
    type: "button", role: "tab", id: `${group}-${i}`, "aria-controls": `${group}-panel`, onclick: () => choose(i), onkeydown: event => {
      const next = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: parts.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      choose((next + parts.length) % parts.length);
      buttons[(next + parts.length) % parts.length].focus();
    },
  }, name));
  const panel = h("div", { role: "tabpanel", id: `${group}-panel`, tabIndex: 0 });
  list.append(...buttons);
  choose(Math.max(0, parts.findIndex(({ id }) => id === chosen)));
  return h("div", { class: "stack" }, list, panel);

  function choose(index) {
    buttons.forEach((button, i) => {
      button.setAttribute("aria-selected", i === index);
      button.tabIndex = i === index ? 0 : -1;
    });
    const { id, content } = parts[index];
    panel.setAttribute("aria-labelledby", `${group}-${index}`);
    panel.replaceChildren(content());
    onChoose(id);
  }
}
