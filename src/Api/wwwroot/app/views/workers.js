// Workers: the processes that share the database, and what each of them does now.

import { get } from "../api.js";
import { add, badge, h, heading, problem } from "../dom.js";
import { ago, count, counted, date } from "../format.js";
import { table } from "../table.js";

const every = 3000;
const roles = { all: "answers, and runs jobs", api: "answers", worker: "runs jobs" };

export async function show(view, { signal }) {
  const about = h("span");
  const fault = h("div");
  const list = table({
    caption: "Workers", hideCaption: true, rows: [], columns: [
      { label: "Name", value: worker => worker.name, header: true },
      { label: "State", value: worker => stateOf(worker), text: worker => badge(stateOf(worker), { alive: "good", stopped: "idle", gone: "bad" }[stateOf(worker)]) },
      { label: "Does", value: worker => roles[worker.role] },
      { label: "Device", value: worker => worker.device },
      { label: "Slots", value: worker => worker.slots, numeric: true, text: worker => worker.role === "api" ? null : `${count(worker.running.length)} of ${count(worker.slots)}${worker.gpuSlots ? `, ${count(worker.gpuSlots)} GPU` : ""}` },
      { label: "Runs", text: worker => worker.alive && worker.running.length > 0 ? h("ul", { class: "plain" }, worker.running.map(job => h("li", null, h("a", { href: `/evaluations/${encodeURIComponent(job.evaluation)}` }, job.step)))) : null },
      { label: "Seen", value: worker => Date.parse(worker.seenAt), text: worker => h("span", { title: date(worker.seenAt) }, ago(worker.seenAt)) },
      { label: "Started", value: worker => Date.parse(worker.startedAt), text: worker => date(worker.startedAt) },
      { label: "Version", value: worker => worker.version },
    ],
  });
  add(view, heading("Workers", about), fault, h("section", { class: "card" }, list));

  const load = async () => {
    const { workers } = await get("/v1/workers", { signal });
    const alive = workers.filter(worker => worker.alive);
    const running = alive.reduce((sum, worker) => sum + worker.running.length, 0);
    about.textContent = `${counted(alive.length, "server")} alive, ${running === 0 ? "no job runs" : `${counted(running, "job")} run`}. Those that are gone are listed for a day.`;
    fault.replaceChildren();
    // Not below the hands of whoever is about to follow a link.
    if (!list.contains(document.activeElement)) list.update(workers);
  };
  await load();
  follow(load, fault, signal);
  return "Workers";
}

async function follow(load, fault, signal) {
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, every));
    if (signal.aborted) return;
    if (document.hidden) continue;
    try {
      await load();
    } catch (refusal) {
      if (signal.aborted) return;
      problem(fault, refusal);
    }
  }
}

const stateOf = ({ alive, stoppedAt }) => alive ? "alive" : stoppedAt ? "stopped" : "gone";
