// The server's API.

const keyName = "serve-key";

/** A failure as the server tells it; status 0 when there was no answer. Has all members of the problem document. */
export class Problem extends Error {
  constructor(document) {
    super(document.detail ?? document.title);
    Object.assign(this, document);
  }
}

/** The key that requests are sent with; null for none. It is gone with the tab. */
export const key = {
  get: () => sessionStorage.getItem(keyName),
  set: value => value ? sessionStorage.setItem(keyName, value) : sessionStorage.removeItem(keyName),
};

/** Reads JSON. */
export const get = async (path, { signal } = {}) => (await request("GET", path, { signal })).json();

/** Reads a file: pictures and reports need the key, too, which an address alone does not carry. */
export const blob = async (path, { signal } = {}) => (await request("GET", path, { signal })).blob();

/** Sends JSON, a form (FormData) or a body, and gives the answer's JSON; null where there is none. */
export async function send(method, path, { json, form, body, headers, signal } = {}) {
  const response = await request(method, path, {
    body: json === undefined ? form ?? body : JSON.stringify(json),
    headers: json === undefined ? headers : { "Content-Type": "application/json", ...headers },
    signal,
  });
  return response.headers.get("Content-Type")?.includes("json") ? response.json() : null;
}

/** Sends a file, or a form of files, and tells how much has gone: `progress(share)`, 0..1. */
export function upload(method, path, file, { progress, signal } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    if (key.get()) request.setRequestHeader("Authorization", `Bearer ${key.get()}`);
    if (!(file instanceof FormData)) request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", event => event.lengthComputable && progress?.(event.loaded / event.total));
    request.addEventListener("load", () => {
      const document = parsed(request.responseText);
      if (request.status < 400) resolve(document);
      else reject(refused(request.status, request.statusText, document));
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(new DOMException("Given up.", "AbortError")));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** Saves a file that the page has, under a name. */
export function save(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Follows server-sent events until the last: `onEvent({id, type, data})`, data parsed. EventSource cannot send a key, so they are read here; a stream that breaks is
 * taken up after the event that was seen last.
 */
export async function events(path, { onEvent, signal } = {}) {
  let last = null;
  for (let wait = 500; !signal?.aborted; wait = Math.min(2 * wait, 10_000)) {
    try {
      const response = await request("GET", path, { headers: { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) }, signal });
      if (response.status === 204) return;
      for await (const event of parse(response.body)) {
        last = event.id ?? last;
        wait = 500;
        onEvent(event);
      }
    } catch (fault) {
      if (signal?.aborted) return;
      if (fault instanceof Problem && fault.status >= 400 && fault.status < 500) throw fault;
    }
    await new Promise(resolve => setTimeout(resolve, wait));
  }
}

async function* parse(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = { type: "message", data: "" };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (event.data) yield { ...event, data: JSON.parse(event.data) };
        event = { type: "message", data: "" };
        continue;
      }
      const [, field, text] = /^([^:]*):? ?(.*)$/s.exec(line);
      if (field === "data") event.data += text;
      else if (field === "event") event.type = text;
      else if (field === "id") event.id = text;
    }
  }
}

async function request(method, path, { body, headers, signal }) {
  let response;
  try {
    response = await fetch(path, { method, body, headers: { ...(key.get() && { Authorization: `Bearer ${key.get()}` }), ...headers }, signal });
  } catch (fault) {
    throw fault.name === "AbortError" ? fault : unreachable();
  }
  if (!response.ok) throw refused(response.status, response.statusText, parsed(await response.text()));
  return response;
}

function refused(status, statusText, document) {
  if (status === 401) document ??= { detail: "A key is needed." };
  return new Problem({ title: statusText || `Status ${status}`, ...document, status });
}

const unreachable = () => new Problem({ status: 0, title: "The server cannot be reached", detail: "It may have been stopped, or the network is gone. Try again in a moment." });

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
