// One leaderboard: its divisions with ranks, and submitting to it.

import { get, send } from "../api.js";
import { ask } from "../ask.js";
import { facts, h, heading, problem } from "../dom.js";
import { progressBar, stateBadge } from "../evaluations.js";
import { date } from "../format.js";
import { divisionOf } from "../leaderboard/division.js";
import { ownSubmissions } from "../leaderboard/own.js";
import { submitForm } from "../leaderboard/submit.js";
import { tabs } from "../leaderboard/tabs.js";
import { section } from "../report/report.js";
import { keepInAddress, navigate } from "../router.js";
import { caller, may } from "../session.js";
import { table } from "../table.js";
import { stateOf } from "./leaderboards.js";

const pause = 3000;

export async function show(view, { params, query, signal }) {
  const path = `/v1/leaderboards/${encodeURIComponent(params.name)}`;
  let [board, me, maySubmit] = await Promise.all([get(path, { signal }), caller(), may("submitter")]);
  const title = board.title || board.name;
  const fault = h("div");
  const ranks = h("section", { class: "card stack", "aria-label": "Ranks" });
  const waiting = h("div");
  let division = query.get("division");
  let hurry = false;

  const own = maySubmit ? ownSubmissions(board, load, signal) : null;
  const submit = maySubmit && board.isOpen ? submitForm(board, (await get("/v1/models", { signal })).models, async () => { hurry = true; await Promise.all([own.load(), load()]); }) : null;
  view.append(
    h("div", null, h("p", { class: "crumb" }, h("a", { href: "/leaderboards" }, "Leaderboards")), heading(title, board.description, manage())),
    fault,
    h("section", { class: "card", "aria-label": "Terms" }, facts([
      ["State", stateOf(board)],
      ["Protocol", board.protocol],
      [board.datasets.length > 1 ? "Datasets" : "Dataset", h("span", null, board.datasets.flatMap(({ name, split, version }, i) => [i > 0 && ", ", h("a", { href: `/datasets/${encodeURIComponent(name)}` }, `${name}/${split}`), version && ` (version ${version})`]))],
      ["Made by", board.owner && `${board.owner}, ${date(board.createdAt)}`],
    ])),
    ranks, waiting);
  if (submit) view.append(submit);
  else if (board.isOpen) view.append(h("p", { class: "quiet" }, "Submitting needs a key with the role submitter."));
  if (own) view.append(own);
  showRanks();
  await own?.load();
  follow();
  return title;

  function showRanks() {
    const parts = board.divisions.map(one => ({ id: one.id, name: one.name, content: () => divisionOf(one, board) }));
    ranks.replaceChildren(h("h2", null, "Ranks"), parts.length > 1
      ? tabs("Divisions", parts, division, id => {
        division = id;
        keepInAddress({ division: id === parts[0].id ? null : id });
      })
      : parts.length === 1 ? parts[0].content() : h("p", { class: "quiet" }, "Nobody has submitted yet."));
    showWaiting();
  }

  function showWaiting() {
    waiting.replaceChildren(...(board.waiting?.length > 0 ? [section("waiting", "On their way", table({
      caption: "Submissions that are not over", hideCaption: true, rows: board.waiting,
      columns: [
        { label: "Method", value: row => row.method, header: true },
        { label: "By", value: row => row.submitter },
        { label: "State", value: row => row.state, text: row => h("div", { class: "state" }, stateBadge(row.state), progressBar(row.progress, `Progress of ${row.method}`)) },
        { label: "Submitted", value: row => new Date(row.submittedAt), text: row => date(row.submittedAt) },
      ],
    }))] : []));
  }

  /** Asks again; what is looked at stays as it is unless the ranks have changed. */
  async function load() {
    const next = await get(path, { signal });
    const isSame = JSON.stringify(next.divisions) === JSON.stringify(board.divisions);
    board = next;
    if (isSame) showWaiting();
    else showRanks();
  }

  async function follow() {
    while (!signal.aborted) {
      await new Promise(resolve => setTimeout(resolve, hurry || board.waiting?.length > 0 ? pause : 10 * pause));
      if (signal.aborted || document.hidden) continue;
      try {
        await load();
        hurry = await own?.load() ?? false;
        fault.replaceChildren();
      } catch (refusal) {
        if (!signal.aborted) problem(fault, refusal);
      }
    }
  }

  /** What its owner does with it. */
  function manage() {
    if (!me || (me.role !== "administrator" && me.name !== board.owner)) return null;
    const act = (label, question, what) => h("button", {
      type: "button", onclick: async () => {
        if (!await ask(question)) return;
        try {
          await what();
        } catch (refusal) {
          problem(fault, refusal);
        }
      },
    }, label);
    return [
      board.isOpen && act("Close", { title: `Close ${title}?`, text: "It takes no more submissions. Those that it has are still ranked.", action: "Close it" }, async () => {
        await send("PATCH", path, { json: { closesAt: new Date().toISOString() } });
        await navigate(location.pathname, { replace: true });
      }),
      act("Delete", { title: `Delete ${title}?`, text: "Its submissions have to be withdrawn before.", action: "Delete it" }, async () => {
        await send("DELETE", path);
        await navigate("/leaderboards");
      }),
    ].filter(Boolean);
  }
}
