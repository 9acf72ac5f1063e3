// One evaluation: how far it is, and its report.

import { blob, events, get, save, send } from "../api.js";
import { facts, h, heading, problem, say } from "../dom.js";
import { isOpen, nameOf, progressBar, stateBadge } from "../evaluations.js";
import { count, date, duration, percent } from "../format.js";
import { categories } from "../report/categories.js";
import { confusion } from "../report/confusion.js";
import { curves } from "../report/curves.js";
import { errors } from "../report/errors.js";
import { gallery } from "../report/gallery.js";
import { numbers } from "../report/numbers.js";
import { forms, origin, rerun } from "../report/origin.js";
import { section } from "../report/report.js";
import { sizes } from "../report/sizes.js";
import { navigate } from "../router.js";
import { caller, may } from "../session.js";

const pause = 3000;

export async function show(view, { params, signal }) {
  const path = `/v1/evaluations/${encodeURIComponent(params.id)}`;
  const [first, me, maySubmit] = await Promise.all([get(path, { signal }), caller(), may("submitter")]);
  const title = `${nameOf(first)} on ${first.dataset}/${first.split}`;
  const place = h("div", { class: "page" });
  const fault = h("div");
  view.append(
    h("div", null, h("p", { class: "crumb" }, h("a", { href: "/evaluations" }, "Evaluations")), heading(title, `${first.protocol}, asked for by ${first.owner ?? "nobody known"} on ${date(first.createdAt)}`)),
    fault, place);
  showState(first);
  return title;

  function showState(evaluation) {
    if (evaluation.state === "done") showReport(evaluation);
    else if (isOpen(evaluation)) showProgress(evaluation);
    else place.replaceChildren(
      h("section", { class: "card stack", "aria-label": "State" }, stateBadge(evaluation.state),
        evaluation.error && h("div", { class: "problem" }, h("p", { class: "problem-title" }, "It cannot be done"), h("p", null, evaluation.error)),
        facts([["Ended", date(evaluation.finishedAt)]])));
  }

  /** Follows the events to the last; what it waits for is asked for, since it is no event. */
  function showProgress(evaluation) {
    const state = h("span", null, stateBadge(evaluation.state));
    const bar = progressBar(evaluation.progress, "Progress");
    const text = h("p", { class: "quiet" });
    const waiting = h("p", { class: "note", hidden: true });
    const retry = h("p", { class: "note", hidden: true });
    const cancel = h("button", { type: "button", class: "danger", onclick: () => act(cancel, async () => { await send("DELETE", path); }) }, "Cancel");
    place.replaceChildren(h("section", { class: "card stack", "aria-label": "Progress" },
      h("div", { class: "card-head" }, state, maySubmit && (me.role === "administrator" || me.name === evaluation.owner) && cancel), bar, text, waiting, retry));
    const tell = ({ state: now, progress, shardsDone, shards, secondsLeft }) => {
      state.replaceChildren(stateBadge(now));
      bar.value = progress;
      text.textContent = [percent(progress), shards && `${count(shardsDone)} of ${count(shards)} pieces`, secondsLeft != null && `about ${duration(secondsLeft)} left`].filter(Boolean).join(" · ");
    };
    const tellWaiting = reason => {
      waiting.hidden = !reason;
      waiting.textContent = reason ? `Waiting: ${reason}` : "";
    };
    tell({ state: evaluation.state, progress: evaluation.progress, shardsDone: evaluation.shards?.done, shards: evaluation.shards?.total });
    tellWaiting(evaluation.waiting);

    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const onEvent = ({ type, data }) => {
      tell(data);
      retry.hidden = type !== "retry";
      if (data.retry) retry.textContent = `A piece failed and is tried again at ${date(data.retry.next)} (attempt ${data.retry.attempt}): ${data.retry.cause}`;
      if (!isOpen(data)) over.abort();
    };
    (async () => {
      try {
        await events(`${path}/events`, { signal: either, onEvent });
        over.abort();
        const ended = await get(path, { signal });
        say(`${title}: ${ended.state}.`);
        showState(ended);
      } catch (refusal) {
        over.abort();
        if (!signal.aborted) problem(fault, refusal);
      }
    })();
    (async () => {
      for (;;) {
        await new Promise(resolve => setTimeout(resolve, pause));
        if (either.aborted) return;
        try {
          tellWaiting((await get(path, { signal: either })).waiting);
        } catch {
          // The events tell when the server is gone for good.
        }
      }
    })();
  }

  function showReport(evaluation) {
    const { report } = evaluation;
    const again = h("button", {
      type: "button", onclick: () => act(again, async () => navigate(`/evaluations/${(await send("POST", `${path}/rerun`)).id}`)),
    }, "Run again");
    const parts = [
      numbers(report), curves(report), categories(report), sizes(report), errors(report), confusion(report), gallery(evaluation, signal), origin(evaluation),
    ].filter(Boolean);
    place.replaceChildren(...[
      h("section", { class: "card toolbar", "aria-label": "State and actions" },
        h("div", { class: "actions" }, stateBadge("done"), h("span", { class: "quiet small" }, `in ${duration((new Date(evaluation.finishedAt) - new Date(evaluation.startedAt ?? evaluation.createdAt)) / 1000)}`)),
        h("div", { class: "actions" },
          h("a", { class: "button", href: `/compare?ids=${evaluation.id}` }, "Compare"), maySubmit && again,
          h("span", { class: "quiet small" }, "Download"),
          forms(evaluation).map(({ format, label, fileName }) => h("button", { type: "button", class: "quiet small", onclick: event => act(event.currentTarget, () => download(format, fileName)) }, label)))),
      rerun(evaluation),
      report.warnings.length > 0 && section("notes", "Notes", h("ul", null, report.warnings.map(text => h("li", null, text)))),
      h("nav", { class: "contents", "aria-label": "Parts of the report" }, h("ul", null, parts.map(part => h("li", null, h("a", { href: `#${part.id}` }, part.querySelector("h2").textContent))))),
      ...parts,
    ].filter(Boolean));
  }

  async function download(format, fileName) {
    save(await blob(`${path}/report?format=${format}`, { signal }), fileName);
  }

  /** Does something once; what the server has against it is told. */
  async function act(button, what) {
    button.disabled = true;
    fault.replaceChildren();
    try {
      await what();
    } catch (refusal) {
      if (!signal.aborted) problem(fault, refusal);
    } finally {
      button.disabled = false;
    }
  }
}
