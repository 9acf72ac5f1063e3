// Who is using the pages, and the sign-in by key.

import { get, key, send } from "./api.js";
import { h, problem } from "./dom.js";

const roles = ["reader", "submitter", "host", "administrator"];
let asked = null;

/** Who the server takes this page for: {name, role, needsKey, changesModels}; null while it wants a key. */
export function caller() {
  return asked ??= get("/v1/caller").catch(fault => {
    if (fault.status !== 401) asked = null;
    return null;
  });
}

/** Whether the caller has a role, or a higher one. */
export async function may(role) {
  return roles.indexOf((await caller())?.role) >= roles.indexOf(role);
}

/** Wires the dialog and the place in the head that says who is signed in; calls changed() when that is somebody else. */
export function wireSignIn(changed) {
  const dialog = document.getElementById("sign-in");
  const field = document.getElementById("sign-in-key");
  const fault = document.getElementById("sign-in-fault");

  const open = () => {
    fault.replaceChildren();
    field.value = "";
    dialog.showModal();
  };
  const change = async value => {
    key.set(value);
    asked = null;
    await showWho(open, () => change(null));
    changed();
  };

  document.addEventListener("keyneeded", open);
  document.getElementById("sign-in-cancel").addEventListener("click", () => dialog.close());
  dialog.querySelector("form").addEventListener("submit", async event => {
    event.preventDefault();
    try {
      // Asked with the key in hand: one that is no good is not kept.
      await send("GET", "/v1/caller", { headers: { Authorization: `Bearer ${field.value.trim()}` } });
      dialog.close();
      await change(field.value.trim());
    } catch (refusal) {
      problem(fault, { ...refusal, status: 0, title: "That key is no good" });
      field.focus();
    }
  });
  return showWho(open, () => change(null));
}

async function showWho(signIn, signOut) {
  const who = document.getElementById("who");
  const me = await caller();
  const button = (text, onclick) => h("button", { type: "button", class: "quiet small", onclick }, text);
  if (!me) who.replaceChildren(button("Sign in", signIn));
  else if (key.get()) who.replaceChildren(h("span", { title: `Signed in as ${me.name}` }, me.name, h("span", { class: "quiet" }, ` · ${me.role}`)), button("Sign out", signOut));
  else who.replaceChildren();
}
