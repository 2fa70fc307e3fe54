// A candidate's own camera, recorded in chunks of a second and sent one after the other. What could
// not be sent is kept for a minute and tried again; what the server refuses for good ends it.
const CHUNK_MS = 1000;
const MOST_WAITING = 60;
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 8000;
const OVER = new Set([401, 403, 404, 409]);
const KINDS = ["video/webm;codecs=h264", "video/webm;codecs=vp8", "video/mp4;codecs=avc1.42E01E"];

const page = document.querySelector("[data-webcam]");
const part = (name) => page.querySelector(`[data-${name}]`);
let session = null;

function show(state) {
  for (const line of part("states").children) line.hidden = line.dataset.when !== state;
  page.dataset.state = state;
}

async function send(url, body, type) {
  const headers = { "X-CSRFToken": page.dataset.token };
  if (type) headers["Content-Type"] = type;
  return fetch(url, { method: "POST", body, headers, redirect: "error" });
}

async function camera() {
  const video = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 10 } };
  return navigator.mediaDevices.getUserMedia({ video, audio: false });
}

function stop(state) {
  const ending = session;
  session = null;
  if (ending) {
    ending.over = true;
    if (ending.recorder.state !== "inactive") ending.recorder.stop();
    for (const track of ending.stream.getTracks()) track.stop();
  }
  part("preview").hidden = true;
  part("stop").hidden = true;
  part("start").hidden = false;
  part("start").disabled = !part("agreed").checked;
  show(state);
}

const pause = (ms) => new Promise((done) => window.setTimeout(done, ms));

// One chunk at a time and in order, so that a slow network makes no flood of requests.
async function pump(current) {
  let wait = PAUSE_MS;
  while (!current.over) {
    const next = current.waiting[0];
    if (!next) return;
    const answer = await send(`${page.dataset.chunks}/${current.number}/${next.number}`, next.data, current.type)
      .catch(() => null);
    if (current.over) return;
    if (answer && (answer.ok || answer.status === 400 || answer.status === 413)) {
      // What is refused as it is will be refused again: the hole is written down where it is read.
      if (current.waiting[0] === next) current.waiting.shift();
      if (answer.ok) part("sent").textContent = Number(part("sent").textContent) + 1;
      wait = PAUSE_MS;
      show("on");
    } else if (answer && OVER.has(answer.status)) {
      stop("over");
      return;
    } else {
      show("waiting");
      await pause(wait);
      wait = Math.min(2 * wait, LONGEST_PAUSE_MS);
    }
  }
}

function record(stream, number, type) {
  const options = { mimeType: type, videoBitsPerSecond: 500000, videoKeyFrameIntervalDuration: 2000 };
  const recorder = new MediaRecorder(stream, options);
  const current = { recorder, stream, number, type: type.split(";")[0], waiting: [], next: 0 };
  current.over = current.busy = false;
  recorder.addEventListener("dataavailable", async ({ data }) => {
    if (current.over || !data.size) return;
    current.waiting.push({ number: current.next++, data });
    if (current.waiting.length > MOST_WAITING) current.waiting.shift();
    if (current.busy) return;
    current.busy = true;
    await pump(current);
    current.busy = false;
  });
  for (const track of stream.getTracks()) {
    track.addEventListener("ended", () => session === current && stop("refused"));
  }
  recorder.start(CHUNK_MS);
  return current;
}

async function start() {
  const type = window.MediaRecorder && KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  if (!type || !navigator.mediaDevices) return show("unable");
  part("start").disabled = true;
  show("asking");
  const stream = await camera().catch(() => null);
  if (!stream) return stop("refused");
  const answer = await send(page.dataset.begin, new URLSearchParams({ agreed: "yes" })).catch(() => null);
  if (!answer?.ok) {
    for (const track of stream.getTracks()) track.stop();
    return stop(answer && OVER.has(answer.status) ? "over" : "waiting");
  }
  session = record(stream, (await answer.json()).recorder, type);
  const preview = part("preview");
  preview.srcObject = stream;
  preview.hidden = part("stop").hidden = part("sent-line").hidden = false;
  part("start").hidden = true;
  preview.play().catch(() => {}); // a picture that stands still is recorded all the same
  show("on");
}

if (page) {
  part("agreed").addEventListener("change", () => {
    part("start").disabled = !part("agreed").checked;
    if (session && !part("agreed").checked) stop("off");
  });
  part("start").disabled = !part("agreed").checked;
  part("start").addEventListener("click", start);
  part("stop").addEventListener("click", () => stop("off"));
}
