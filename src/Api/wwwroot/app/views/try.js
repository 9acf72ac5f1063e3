// Try: a picture, a model, and what it finds.

import { blob, get, key, send } from "../api.js";
import { add, busy, copyButton, h, heading, problem, say } from "../dom.js";
import { bytes, counted, fixed, milliseconds } from "../format.js";
import { colourOf, picture } from "../picture.js";
import { keepInAddress } from "../router.js";

const lowestScore = 0.05;
const usualScore = 0.3;
const samples = 8;
const stages = [["decode", "Decoding"], ["queue", "Waiting"], ["preprocess", "Scaling"], ["infer", "Model"], ["postprocess", "Boxes"]];

/** The picture that was tried last: going to another page and back does not lose it. */
let kept = null;

export async function show(view, { query, signal }) {
  const list = await get("/v1/models", { signal });
  const models = list.models.filter(model => model.state !== "failed");
  const first = models.find(model => model.name === (query.get("model") ?? list.default)) ?? models[0];
  add(view, heading("Try a detector", "Drop a picture, and see what a model of this server finds on it."));
  if (!first) {
    add(view, h("div", { class: "card empty-state" }, "This server has no model yet. Put one into its models folder, or send it one: ", h("a", { href: "/models" }, "Models"), "."));
    return "Try";
  }

  const page = new TryPage(models, first, query, signal);
  add(view, page.element);
  page.begin();
  return "Try";
}

class TryPage {
  #models;
  #signal;
  #file = null;
  #answer = null;
  #stage = null;
  #asked = new AbortController();

  constructor(models, model, query, signal) {
    [this.#models, this.#signal] = [models, signal];
    const name = ({ name, version }) => `${name} ${version}`;
    this.model = h("select", { onchange: () => this.#changeModel() }, models.map(one => h("option", { value: name(one), selected: one === model }, name(one))));
    this.score = h("input", { type: "range", min: lowestScore, max: 1, step: 0.01, oninput: () => this.#showScore() });
    this.score.value = query.get("score") ?? Math.max(lowestScore, model.scoreThreshold ?? usualScore);
    this.scoreText = h("output");
    this.categories = h("ul", { class: "tags", "aria-label": "What the model finds" });
    this.file = h("input", { type: "file", accept: "image/*", class: "visually-hidden", id: "picture-file", onchange: event => event.target.files[0] && this.#open(event.target.files[0]) });
    this.stage = h("div", { class: "stage" });
    this.samples = h("div");
    this.found = h("ol", { class: "found" });
    this.foundTitle = h("h2", null, "Found");
    this.times = h("div");
    this.timesCard = h("section", { class: "card", hidden: true }, h("h2", null, "Time"), this.times);
    this.command = h("pre", { class: "command", tabIndex: 0, role: "region", "aria-label": "Command line" });
    this.copyAnswer = copyButton("Copy JSON", () => JSON.stringify(this.#answer, null, 2));
    this.element = h("div", { class: "with-side" },
      h("div", { class: "stack" },
        h("section", { class: "card stage-card", "aria-label": "Picture" }, this.file, this.stage),
        this.samples),
      h("div", { class: "side" },
        h("section", { class: "card stack", "aria-label": "Model" },
          h("label", { class: "field" }, "Model", this.model),
          this.categories,
          h("label", { class: "field" }, h("span", { class: "field-row" }, "Scores from", this.scoreText), this.score)),
        h("section", { class: "card" }, this.foundTitle, this.found),
        this.timesCard,
        h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", null, "From a shell"),
          h("div", { class: "actions" }, copyButton("Copy curl", () => this.command.textContent), this.copyAnswer)), this.command)));
  }

  begin() {
    const accept = file => file?.type.startsWith("image/") && this.#open(file);
    const options = { signal: this.#signal };
    document.addEventListener("paste", event => accept(event.clipboardData.files[0]), options);
    document.addEventListener("dragover", event => { event.preventDefault(); this.stage.classList.add("over"); }, options);
    document.addEventListener("dragleave", event => event.relatedTarget || this.stage.classList.remove("over"), options);
    document.addEventListener("drop", event => {
      event.preventDefault();
      this.stage.classList.remove("over");
      if (event.dataTransfer.files[0]) this.#open(event.dataTransfer.files[0]);
    }, options);
    this.#showModel();
    this.#showScore();
    if (kept) this.#open(kept);
    else this.#invite();
    this.#offerSamples();
  }

  get #chosen() {
    return this.#models.find(({ name, version }) => `${name} ${version}` === this.model.value);
  }

  get #shown() {
    return (this.#answer?.images[0].detections ?? []).map((found, index) => ({ found, index })).filter(({ found }) => found.score >= this.score.valueAsNumber);
  }

  #changeModel() {
    this.score.value = Math.max(lowestScore, this.#chosen.scoreThreshold ?? usualScore);
    this.#showModel();
    this.#detect();
    this.#showScore();
  }

  #showModel() {
    const { name, categories } = this.#chosen;
    const most = 12;
    this.categories.hidden = categories.length === 0;
    this.categories.replaceChildren(...categories.slice(0, most).map(category => h("li", { class: "tag" }, category)),
      ...(categories.length > most ? [h("li", null, h("a", { href: `/models/${encodeURIComponent(name)}` }, `and ${categories.length - most} more`))] : []));
  }

  #showScore() {
    const { name, version } = this.#chosen;
    const score = this.score.valueAsNumber;
    this.scoreText.value = fixed(score);
    keepInAddress({ model: name, score: fixed(score) });
    this.command.textContent = [
      `curl -F image=@${shellWord(this.#file?.name ?? "picture.jpg")}`,
      key.get() && `-H "Authorization: Bearer $KEY"`,
      `"${location.origin}/v1/detect?model=${encodeURIComponent(name)}&version=${version}&score=${fixed(score)}"`,
    ].filter(Boolean).join(" \\\n  ");
    this.#stage?.update({ minScore: score });
    this.#list();
  }

  // The picture's place before there is one.
  #invite() {
    this.stage.replaceChildren(h("label", { class: "drop", htmlFor: "picture-file" },
      h("span", { class: "drop-title" }, "Drop a picture here"), h("span", { class: "quiet" }, "paste one, or ", h("span", { class: "link" }, "choose a file"))));
    this.copyAnswer.disabled = true;
    this.#list();
  }

  #open(file) {
    this.#file = kept = file;
    this.#detect();
    this.#showScore();
  }

  async #detect() {
    if (!this.#file) return;
    const [file, { name, version }] = [this.#file, this.#chosen];
    this.#asked.abort();
    this.#asked = new AbortController();
    const signal = AbortSignal.any([this.#signal, this.#asked.signal]);
    const fault = h("div");
    const head = h("div", { class: "stage-head" },
      h("span", { class: "file-name" }, file.name), h("span", { class: "quiet" }, bytes(file.size)), h("label", { class: "button small", htmlFor: "picture-file" }, "Another picture"));
    const stage = picture({ source: file });
    this.#stage = stage;
    this.#answer = null;
    this.copyAnswer.disabled = true;
    this.stage.replaceChildren(head, fault, stage);
    this.stage.setAttribute("aria-busy", "true");
    busy(this.found, "Detecting…");
    try {
      const form = new FormData();
      form.append("image", file, file.name);
      const query = new URLSearchParams({ model: name, version, score: lowestScore, max: 300 });
      const answer = await send("POST", `/v1/detect?${query}`, { form, signal });
      await stage.ready;
      if (signal.aborted) return;
      this.stage.removeAttribute("aria-busy");
      this.#show(answer, stage);
    } catch (refusal) {
      if (signal.aborted) return;
      this.stage.removeAttribute("aria-busy");
      problem(fault, refusal);
      this.timesCard.hidden = true;
      this.#list();
    }
  }

  #show(answer, asked) {
    this.#answer = answer;
    this.copyAnswer.disabled = false;
    const { width, height, detections } = answer.images[0];
    // Boxes are in the picture as the server decoded it, which a browser that cannot show it does not know the size of.
    this.#stage = picture({ source: this.#file, width, height, detections, minScore: this.score.valueAsNumber });
    this.#stage.addEventListener("pick", event => this.#mark(event.detail));
    this.#stage.ready.then(() => asked.replaceWith(this.#stage));
    this.#showScore();
    this.#showTimes(answer);
    say(`${counted(this.#shown.length, "detection")} with scores from ${this.scoreText.value}.`);
  }

  #list() {
    if (this.stage.ariaBusy) return;
    const shown = this.#shown;
    this.foundTitle.textContent = this.#answer ? `Found ${shown.length}` : "Found";
    if (shown.length === 0) {
      this.found.replaceChildren(h("li", { class: "quiet" }, this.#answer ? "Nothing with such a score. Move the slider to see what is less certain." : "What is found is listed here."));
      return;
    }
    this.found.replaceChildren(...shown.map(({ found, index }) => h("li", null,
      h("button", {
        type: "button", "data-index": index,
        onpointerenter: () => this.#pick(index), onpointerleave: () => this.#pick(null), onfocus: () => this.#pick(index), onblur: () => this.#pick(null),
      },
      h("span", { class: "dot", style: { background: colourOf(found.categoryId) } }),
      h("span", { class: "found-name" }, found.category),
      h("span", { class: "found-bar", "aria-hidden": "true" }, h("span", { style: { width: `${100 * found.score}%` } })),
      h("span", { class: "found-score" }, fixed(found.score))))));
  }

  #pick(index) {
    this.#stage?.pick(index);
    this.#mark(index);
  }

  #mark(index) {
    for (const button of this.found.querySelectorAll("button")) {
      const isPicked = button.dataset.index === String(index);
      button.classList.toggle("picked", isPicked);
      if (isPicked && document.activeElement !== button) button.scrollIntoView({ block: "nearest", behavior: "instant" });
    }
  }

  #showTimes({ timings, model, version, device, images }) {
    const sum = stages.reduce((total, [stage]) => total + timings[stage], 0) || 1;
    this.timesCard.hidden = false;
    this.times.replaceChildren(
      h("div", { class: "time-bar", "aria-hidden": "true" }, stages.map(([stage], index) => h("span", { style: { width: `${100 * timings[stage] / sum}%`, background: `var(--series-${index + 1})` } }))),
      h("dl", { class: "times" }, stages.map(([stage, name], index) => h("div", null,
        h("dt", null, h("span", { class: "dot square", style: { background: `var(--series-${index + 1})` } }), name), h("dd", null, milliseconds(timings[stage])))),
      h("div", { class: "total" }, h("dt", null, "Whole request"), h("dd", null, milliseconds(timings.total)))),
      h("p", { class: "quiet small" }, `${model} ${version} on ${device}, ${images[0].width} × ${images[0].height} pixels`));
  }

  async #offerSamples() {
    try {
      const signal = this.#signal;
      const { datasets } = await get("/v1/datasets", { signal });
      const dataset = datasets.find(({ name }) => name === "demo-scenes") ?? datasets.find(({ splits }) => splits.some(split => split.images > 0));
      if (!dataset) return;
      const base = `/v1/datasets/${encodeURIComponent(dataset.name)}/images`;
      const split = (dataset.splits.find(({ name }) => name === "test") ?? dataset.splits[0]).name;
      const { images } = await get(`${base}?split=${encodeURIComponent(split)}&limit=${samples}`, { signal });
      const pictures = images.filter(image => image.picture);
      if (pictures.length === 0) return;
      const buttons = pictures.map(image => h("button", { type: "button", class: "sample", "aria-label": `Try ${image.fileName}`, onclick: () => this.#openSample(image) }));
      this.samples.replaceChildren(h("section", { "aria-label": "Samples" }, h("p", { class: "quiet small" }, "Or one of the dataset ", h("a", { href: `/datasets/${encodeURIComponent(dataset.name)}` }, dataset.name)), h("div", { class: "samples" }, buttons)));
      await Promise.all(pictures.map(async (image, index) => {
        const small = await blob(withWidth(image.picture, 160), { signal });
        const address = URL.createObjectURL(small);
        buttons[index].append(h("img", { src: address, alt: "", onload: () => URL.revokeObjectURL(address) }));
      }));
    } catch {
      // Samples are an offer: without them there is still the picture of one's own.
      if (!this.#signal.aborted) this.samples.replaceChildren();
    }
  }

  async #openSample({ picture: address, fileName }) {
    try {
      const content = await blob(address, { signal: this.#signal });
      this.#open(new File([content], fileName.split("/").at(-1), { type: content.type }));
      scrollTo({ top: 0 });
    } catch (refusal) {
      if (!this.#signal.aborted) problem(this.samples, refusal);
    }
  }
}

const withWidth = (address, width) => `${address}${address.includes("?") ? "&" : "?"}width=${width}`;

const shellWord = text => /^[\w.\-/]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
