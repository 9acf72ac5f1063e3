// What every page says of evaluations in the same words.

import { badge, h } from "./dom.js";
import { points } from "./format.js";

const kinds = { queued: "idle", running: "live", done: "good", failed: "bad", cancelled: "warn", withdrawn: "warn" };

/** Whether there is more to come. */
export const isOpen = ({ state }) => state === "queued" || state === "running";

/** What was evaluated. */
export const nameOf = ({ model, version }) => model ? `${model} ${version}` : "Submitted detections";

/** Where it stands. */
export const stateBadge = state => badge(state, kinds[state]);

/** A number in points with its interval beneath; a dash where there is none. */
export const estimate = ({ value, lower, upper } = {}) => value == null
  ? "–"
  : h("span", { class: "estimate" }, points(value), lower != null && h("small", { class: "quiet" }, `${points(lower)}–${points(upper)}`));

/** How far something has come. */
export const progressBar = (share, label) => h("progress", { value: share, max: 1, "aria-label": label });
