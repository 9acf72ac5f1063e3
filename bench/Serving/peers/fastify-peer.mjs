// A detector behind fastify, onnxruntime-node and sharp, a process for each core: the peer of bench/serve-speed.sh.
//   MODEL=yolox.onnx PORT=8102 WORKERS=2 node bench/Serving/peers/fastify-peer.mjs      (NODE_MODULES names the folder that holds the packages)
import cluster from "node:cluster";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_MODULES ?? "."}/`);
const fastify = require("fastify");
const ort = require("onnxruntime-node");
const sharp = require("sharp");

const side = 416, threshold = 0.3, iouLimit = 0.45, classes = 80;
const levels = [8, 16, 32];

function overlap(a, b) {
  const w = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1), h = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - w * h);
}

function decode(data, ratio) {
  const found = [];
  let row = 0;
  for (const stride of levels)
    for (let y = 0; y < side / stride; y++)
      for (let x = 0; x < side / stride; x++, row++) {
        const at = row * (5 + classes), objectness = data[at + 4];
        if (objectness <= threshold) continue;
        let best = 0;
        for (let label = 1; label < classes; label++) if (data[at + 5 + label] > data[at + 5 + best]) best = label;
        const score = objectness * data[at + 5 + best];
        if (score <= threshold) continue;
        const cx = (data[at] + x) * stride, cy = (data[at + 1] + y) * stride, w = Math.exp(data[at + 2]) * stride, h = Math.exp(data[at + 3]) * stride;
        found.push({ categoryId: best, score, box: { x1: (cx - w / 2) / ratio, y1: (cy - h / 2) / ratio, x2: (cx + w / 2) / ratio, y2: (cy + h / 2) / ratio } });
      }
  found.sort((a, b) => b.score - a.score);
  const kept = [];
  for (const one of found)
    if (!kept.some((other) => other.categoryId === one.categoryId && overlap(other.box, one.box) > iouLimit)) kept.push(one);
  return kept;
}

if (cluster.isPrimary) {
  for (let worker = 0; worker < Number(process.env.WORKERS ?? 2); worker++) cluster.fork();
} else {
  sharp.concurrency(1);
  const session = await ort.InferenceSession.create(process.env.MODEL, { intraOpNumThreads: 1, executionProviders: ["cpu"] });
  const input = session.inputNames[0], output = session.outputNames[0];
  const app = fastify({ bodyLimit: 32 << 20 });
  app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (request, body, done) => done(null, body));
  app.post("/v1/detect", async (request) => {
    const image = sharp(request.body);
    const { width, height } = await image.metadata();
    const ratio = Math.min(side / width, side / height);
    const w = Math.floor(width * ratio), h = Math.floor(height * ratio);
    const pixels = await image.removeAlpha().resize(w, h, { fit: "fill", kernel: "linear" }).raw().toBuffer();
    const plane = side * side, tensor = new Float32Array(3 * plane).fill(114);
    for (let y = 0; y < h; y++)
      for (let x = 0, at = 3 * y * w, to = y * side; x < w; x++, at += 3, to++) {
        tensor[to] = pixels[at + 2];
        tensor[plane + to] = pixels[at + 1];
        tensor[2 * plane + to] = pixels[at];
      }
    const result = await session.run({ [input]: new ort.Tensor("float32", tensor, [1, 3, side, side]) });
    return { detections: decode(result[output].data, ratio) };
  });
  await app.listen({ port: Number(process.env.PORT ?? 8102), host: "127.0.0.1" });
}
