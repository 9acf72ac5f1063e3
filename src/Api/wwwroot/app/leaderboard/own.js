// One's own submissions: how far they are, and taking them back.

import { get, send } from "../api.js";
import { ask } from "../ask.js";
import { h, problem } from "../dom.js";
import { estimate, isOpen, progressBar, stateBadge } from "../evaluations.js";
import { date } from "../format.js";
import { section } from "../report/report.js";
import { table } from "../table.js";

const perPage = 100;

/** The part of the page; its load() asks again and gives whether there is more to come. onChange() is called when one was withdrawn. */
export function ownSubmissions(board, onChange, signal) {
  const path = `/v1/leaderboards/${encodeURIComponent(board.name)}/submissions`;
  const fault = h("div");
  const list = table({
    caption: "Your submissions", hideCaption: true, rows: [], empty: "You have not submitted yet.",
    columns: [
      { label: "Method", value: row => row.method, header: true },
      { label: "What", value: row => row.model ?? row.kind, text: row => row.model ? `${row.model} ${row.modelVersion}` : row.kind === "model" ? "uploaded model" : "detections" },
      { label: "State", value: row => row.state, text: stateOf },
      { label: board.headline, value: row => row.headline?.value, text: row => estimate(row.headline ?? {}), numeric: true },
      { label: "Submitted", value: row => new Date(row.submittedAt), text: row => date(row.submittedAt) },
      { label: "", text: row => h("div", { class: "actions" }, row.evaluations.map(({ id, dataset }) => h("a", { href: `/evaluations/${id}` }, board.datasets.length > 1 ? dataset : "Evaluation")), row.state !== "withdrawn" && withdrawer(row)) },
    ],
  });
  return Object.assign(section("own", "Your submissions", fault, list), { load });

  async function load() {
    const { submissions } = await get(`${path}?mine=true&limit=${perPage}`, { signal });
    const focused = document.activeElement?.id;
    list.update(submissions);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    return submissions.some(isOpen);
  }

  function stateOf(row) {
    return h("div", { class: "state" }, stateBadge(row.state), isOpen(row) && progressBar(row.progress, `Progress of ${row.method}`), row.error && h("small", null, row.error));
  }

  function withdrawer(row) {
    return h("button", { type: "button", class: "quiet small", id: `withdraw-${row.id}`, onclick: () => withdraw(row) }, "Withdraw");
  }

  async function withdraw({ id, method }) {
    if (!await ask({ title: `Withdraw ${method}?`, text: "It is taken off the leaderboard. The submission still counts for the day's quota.", action: "Withdraw" })) return;
    fault.replaceChildren();
    try {
      await send("DELETE", `${path}/${id}`, { signal });
      await load();
      onChange();
    } catch (refusal) {
      if (!signal.aborted) problem(fault, refusal);
    }
  }
}
