// Asks before something is done that cannot be taken back.

import { h } from "./dom.js";

let asked = 0;

/** Whether a person says yes; `action` is the word on the button. */
export function ask({ title, text, action }) {
  const id = `ask-${++asked}`;
  return new Promise(resolve => {
    const dialog = h("dialog", { "aria-labelledby": id },
      h("form", { method: "dialog" },
        h("h2", { id }, title),
        h("p", null, text),
        h("div", { class: "actions" }, h("button", { class: "danger", value: "yes" }, action), h("button", { value: "no", autofocus: true }, "Keep it"))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
