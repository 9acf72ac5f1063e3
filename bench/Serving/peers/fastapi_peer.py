"""A detector behind FastAPI, ONNX Runtime and OpenCV, as such servers are usually written: the peer of bench/serve-speed.sh.

MODEL=yolox.onnx uvicorn --app-dir bench/Serving/peers fastapi_peer:app --workers 2
"""
import os

import cv2
import numpy as np
import onnxruntime
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

SIDE, THRESHOLD, IOU = 416, 0.3, 0.45

cv2.setNumThreads(1)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(os.environ.get("THREADS", "1"))
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name

cells, strides = [], []
for stride in (8, 16, 32):
    y, x = np.mgrid[: SIDE // stride, : SIDE // stride]
    cells.append(np.stack([x.ravel(), y.ravel()], 1))
    strides.append(np.full((cells[-1].shape[0], 1), stride))
CELLS, STRIDES = np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)

app = FastAPI()


def detect(data: bytes) -> list:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    height, width = picture.shape[:2]
    ratio = min(SIDE / height, SIDE / width)
    padded = np.full((SIDE, SIDE, 3), 114, np.uint8)
    resized = cv2.resize(picture, (int(width * ratio), int(height * ratio)))
    padded[: resized.shape[0], : resized.shape[1]] = resized
    rows = session.run(None, {name: np.ascontiguousarray(padded.transpose(2, 0, 1)[None], np.float32)})[0][0]
    scores = rows[:, 4:5] * rows[:, 5:]
    labels = scores.argmax(1)
    best = scores[np.arange(len(labels)), labels]
    kept = best > THRESHOLD
    rows, labels, best = rows[kept], labels[kept], best[kept]
    centres = (rows[:, :2] + CELLS[kept]) * STRIDES[kept]
    sizes = np.exp(rows[:, 2:4]) * STRIDES[kept]
    boxes = np.concatenate([centres - sizes / 2, sizes], 1) / ratio
    found = []
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        for index in cv2.dnn.NMSBoxes(boxes[own].tolist(), best[own].tolist(), THRESHOLD, IOU):
            x, y, w, h = boxes[own[int(index)]].tolist()
            found.append({"categoryId": int(label), "score": float(best[own[int(index)]]), "box": {"x1": x, "y1": y, "x2": x + w, "y2": y + h}})
    return sorted(found, key=lambda one: -one["score"])


@app.post("/v1/detect")
async def endpoint(request: Request) -> JSONResponse:
    data = await request.body()
    return JSONResponse({"detections": await run_in_threadpool(detect, data)})
