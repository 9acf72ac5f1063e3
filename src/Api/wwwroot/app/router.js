// Shows the page of the address in one element, and follows links without loading everything anew.

import { h, heading, problem } from "./dom.js";

let pages = [];
let view;
let address;
let leaving = new AbortController();
let shown = () => {};

/**
 * Begins. A page: {path: "/models/:name", load: () => import(…)}; its module has show(view, {params, query, signal}), which fills the view and gives its title.
 * signal is aborted when the page is left. whenShown(page or null) is called after each.
 */
export function start(element, table, whenShown) {
  [view, shown] = [element, whenShown];
  pages = table.map(page => ({ ...page, pattern: new RegExp(`^${page.path.replace(/:\w+/g, part => `(?<${part.slice(1)}>[^/]+)`)}/?$`) }));
  history.scrollRestoration = "manual";
  document.addEventListener("click", follow);
  addEventListener("popstate", event => {
    // A link to a place in the same page is the browser's own.
    if (here() !== address) open({ top: event.state?.top ?? 0, focus: true });
  });
  addEventListener("pagehide", keepPlace);
  return open({ top: history.state?.top ?? 0, focus: false });
}

/** Goes to an address of this server; with replace it takes the place of this one in the history. */
export function navigate(to, { replace = false } = {}) {
  keepPlace();
  history[replace ? "replaceState" : "pushState"](null, "", to);
  return open({ top: 0, focus: true });
}

/** Keeps what a page shows in its address, without showing it anew. */
export function keepInAddress(query) {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value != null && value !== "")).toString();
  history.replaceState(history.state, "", location.pathname + (text && `?${text}`));
  address = here();
}

/** Shows this page anew. */
export const reload = () => open({ top: scrollY, focus: false });

async function open({ top, focus }) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  address = here();
  const found = find(location.pathname);
  // A part of its own: a page that is left may still write into its part.
  const part = h("div", { class: "page" });
  view.replaceChildren(part);
  view.setAttribute("aria-busy", "true");
  shown(found?.page ?? null);

  let title;
  try {
    title = found
      ? await (await found.page.load()).show(part, { params: found.params, query: new URLSearchParams(location.search), signal })
      : missing(part);
  } catch (fault) {
    if (signal.aborted) return;
    title = failed(part, fault);
  }
  if (signal.aborted) return;
  view.removeAttribute("aria-busy");
  document.title = title ? `${title} · Serve` : "Serve";
  if (focus) {
    (part.querySelector("h1") ?? view).focus({ preventScroll: true });
    scrollTo({ top, behavior: "instant" });
  } else if (top) scrollTo({ top, behavior: "instant" });
}

function find(path) {
  for (const page of pages) {
    const match = page.pattern.exec(path);
    if (!match) continue;
    try {
      return { page, params: Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)])) };
    } catch {
      return null;
    }
  }
  return null;
}

function missing(part) {
  part.append(heading("There is no such page", `Nothing of this server has the address ${location.pathname}.`), h("p", null, h("a", { href: "/" }, "Try a detector")));
  return "No such page";
}

function failed(part, fault) {
  const place = h("div");
  const title = { 401: "Sign in", 404: "There is nothing here" }[fault.status] ?? "This page cannot be shown";
  part.replaceChildren(heading(title), place);
  problem(place, fault.status === undefined ? { title: "The page broke off", detail: "Load it anew; if that does not help, the browser's console has the cause." } : fault);
  if (fault.status === undefined) console.error(fault);
  return title;
}

function follow(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin || !find(link.pathname)) return;
  if (link.hash && link.pathname + link.search === here()) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}

const here = () => location.pathname + location.search;

const keepPlace = () => history.replaceState({ ...history.state, top: scrollY }, "");
