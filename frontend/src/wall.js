// The wall: the server sends ids and states over Socket.IO, the page fetches the HTML for them.
// Without a connection the page says so and falls back to asking every few seconds.
import { io } from "socket.io-client";

const wall = document.querySelector("[data-wall]");

// htmx queues by source and drops what does not fit, so each tile is its own source.
function fragment(url, target) {
  return window.htmx.ajax("GET", url, { source: target, target, swap: "outerHTML" });
}

function showConnection(connected) {
  wall.dataset.connected = connected ? "yes" : "no";
  const sign = wall.querySelector("[data-connection]");
  if (!sign) return;
  for (const part of sign.querySelectorAll("[data-when]")) {
    part.hidden = part.dataset.when !== (connected ? "on" : "off");
  }
}

// One request per tile at a time; what arrives meanwhile leads to one more request.
const busy = new Map();
async function refresh(element) {
  const url = element.dataset.url;
  if (!url) return;
  if (busy.has(url)) {
    busy.set(url, true);
    return;
  }
  busy.set(url, false);
  try {
    await fragment(url, element);
  } finally {
    const again = busy.get(url);
    busy.delete(url);
    const next = again && wall.querySelector(`[data-url="${CSS.escape(url)}"]`);
    if (next) await refresh(next);
  }
}

function refreshTile(message) {
  const tile = wall.querySelector(`[data-tile="${CSS.escape(String(message.id))}"]`);
  if (tile) refresh(tile);
}

function refreshItems() {
  const items = wall.querySelector("[data-items]");
  if (items) refresh(items);
}

function connect() {
  const socket = io(wall.dataset.namespace || "/", {
    path: wall.dataset.path || "/socket.io",
    transports: ["websocket", "polling"],
    tryAllTransports: true, // some office proxies let no WebSocket through
    auth: { csrf: wall.dataset.csrf || "", room: wall.dataset.room || "" },
  });
  let timer = 0;
  const refreshAll = () => {
    for (const tile of wall.querySelectorAll("[data-tile]")) refresh(tile);
    refreshItems();
  };
  socket.on("connect", () => {
    window.clearInterval(timer);
    timer = 0;
    showConnection(true);
    refreshAll(); // what was missed while away
  });
  const away = () => {
    showConnection(false);
    // Each failed attempt to connect comes here; the asking must go on, not start over.
    timer ||= window.setInterval(refreshAll, 5000);
  };
  away(); // until it is proven otherwise: a connection may also hang without an error
  socket.on("disconnect", away);
  socket.on("connect_error", away);
  socket.on("tile", refreshTile);
  socket.on("item", refreshItems);
}

if (wall) connect();
