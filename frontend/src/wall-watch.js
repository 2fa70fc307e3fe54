// The camera wall: the server sends ids and states over Socket.IO, the page fetches the HTML for
// them, card by card, so that a clip that plays or a focus is not lost. Without a connection the
// page says so and asks every few seconds for what is newer.
import { io } from "socket.io-client";

const PICTURE_MS = 1000;
const GOING_ON_MS = 5000;
const ASK_MS = 5000;

const wall = document.querySelector("[data-watch]");
let last = 0;

async function html(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (answer.status === 204 || answer.status === 404) return null;
  // A sign-in page instead of a card: the session has ended, and the whole page must say so.
  if (answer.redirected) window.location.reload();
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const holder = document.createElement("template");
  holder.innerHTML = (await answer.text()).trim();
  return holder.content.firstElementChild;
}

// One request per address at a time; what arrives meanwhile leads to one more.
const busy = new Map();
async function once(key, work) {
  if (busy.has(key)) {
    busy.set(key, true);
    return;
  }
  do {
    busy.set(key, false);
    try {
      await work();
    } catch (error) {
      console.warn(error.message);
    }
  } while (busy.get(key));
  busy.delete(key);
}

function cardOf(number) {
  return wall.querySelector(`[data-item="${Number(number)}"]`);
}

function isPlaying(card) {
  return [...card.querySelectorAll("video")].some((video) => !video.paused && !video.ended);
}

function say(text) {
  wall.querySelector("[data-news]").textContent = text;
}

function showEmpty() {
  for (const column of wall.querySelectorAll("[data-column]")) {
    column.querySelector("[data-empty]").hidden = Boolean(column.querySelector("[data-item]"));
  }
  for (const folded of wall.querySelectorAll("[data-folded]")) {
    const count = folded.querySelectorAll("[data-item]").length;
    folded.querySelector("[data-count]").textContent = count;
    folded.hidden = count === 0;
  }
}

function listFor(card) {
  const column = wall.querySelector(`[data-column="${card.dataset.group}"]`);
  return column?.querySelector(`[data-cards="${card.dataset.severity}"]`);
}

function put(card, fresh) {
  if (!fresh) {
    card?.remove();
  } else if (card && card.dataset.severity === fresh.dataset.severity) {
    const focused = card.contains(document.activeElement);
    const unfolded = card.querySelector("details")?.open;
    card.replaceWith(fresh);
    if (unfolded) fresh.querySelector("details")?.setAttribute("open", "");
    if (focused) fresh.querySelector("a")?.focus();
  } else {
    card?.remove(); // what was to note is called now
    listFor(fresh)?.prepend(fresh);
    say(fresh.dataset.said);
  }
  showEmpty();
}

function refreshItem(number) {
  last = Math.max(last, Number(number));
  return once(`item ${number}`, async () => {
    const fresh = await html(`/wall/items/${Number(number)}/card`);
    const card = cardOf(number);
    // A clip that somebody is watching is left alone; its card is brought up to date afterwards.
    if (card && isPlaying(card)) card.dataset.stale = "yes";
    else put(card, fresh);
  });
}

function refreshTiles() {
  return once("tiles", async () => {
    const tiles = wall.querySelector("[data-tiles]");
    const fresh = await html(tiles.dataset.url);
    if (!fresh) return;
    for (const tile of fresh.querySelectorAll("[data-tile]")) {
      // The picture that is shown stays, so that nothing flickers.
      const shown = tiles.querySelector(`[data-tile="${CSS.escape(tile.dataset.tile)}"] img`);
      if (shown) tile.querySelector("img")?.replaceWith(shown);
    }
    tiles.replaceWith(fresh);
  });
}

function refreshPictures() {
  if (document.hidden) return;
  for (const picture of wall.querySelectorAll("img[data-picture]")) {
    if (picture.complete) picture.src = `${picture.dataset.picture}?at=${Date.now()}`;
  }
}

function refreshGoingOn() {
  if (document.hidden) return;
  for (const card of wall.querySelectorAll("[data-going-on]")) refreshItem(card.dataset.item);
}

function showConnection(connected) {
  for (const part of document.querySelectorAll("[data-connection] [data-when]")) {
    part.hidden = part.dataset.when !== (connected ? "on" : "off");
  }
}

function take(answer) {
  for (const item of answer.items ?? []) refreshItem(item.item);
}

function refreshAll() {
  for (const card of wall.querySelectorAll("[data-item]")) refreshItem(card.dataset.item);
  refreshTiles();
}

async function ask() {
  refreshAll();
  try {
    const answer = await fetch(`${wall.dataset.newer}?after=${last}`);
    if (answer.ok) take(await answer.json());
  } catch {
    // Still away; the page as it stands is worth more than an error.
  }
}

function connect() {
  const socket = io(wall.dataset.namespace, {
    transports: ["websocket", "polling"],
    tryAllTransports: true, // some office proxies let no WebSocket through
  });
  let timer = 0;
  const catchUp = () => {
    socket.emit("newer", last, take);
    refreshAll();
  };
  const away = () => {
    showConnection(false);
    // Each failed attempt to connect comes here; the asking must go on, not start over.
    timer ||= window.setInterval(ask, ASK_MS);
  };
  away(); // until it is proven otherwise: a connection may also hang without an error
  socket.on("connect", () => {
    window.clearInterval(timer);
    timer = 0;
    showConnection(true);
    catchUp();
  });
  socket.on("disconnect", away);
  socket.on("connect_error", away);
  socket.on("missed", catchUp);
  socket.on("tile", refreshTiles);
  socket.on("item", (news) => {
    refreshItem(news.item);
    refreshTiles();
  });
}

// Acknowledging keeps one on the wall; if that does not work, the form is sent as usual.
async function acknowledge(event) {
  const form = event.target;
  if (!form.action.endsWith("/acknowledge")) return;
  event.preventDefault();
  event.stopPropagation();
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      redirect: "manual",
    });
    if (answer.type !== "opaqueredirect") throw new Error(String(answer.status));
    await refreshItem(form.closest("[data-item]").dataset.item);
  } catch {
    form.submit();
  }
}

function afterPlaying(event) {
  const card = event.target.closest?.("[data-stale]");
  if (card) refreshItem(card.dataset.item);
}

if (wall) {
  for (const card of wall.querySelectorAll("[data-item]")) {
    last = Math.max(last, Number(card.dataset.item));
  }
  wall.addEventListener("submit", acknowledge, true);
  wall.addEventListener("pause", afterPlaying, true);
  wall.addEventListener("ended", afterPlaying, true);
  window.setInterval(refreshPictures, PICTURE_MS);
  window.setInterval(refreshGoingOn, GOING_ON_MS);
  connect();
}
