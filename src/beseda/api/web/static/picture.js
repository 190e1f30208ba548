// One's own picture: the square of it that is wanted, by pointer or keyboard, and how far its upload is.
import { html, render, useLayoutEffect, useRef, useSignal } from "./html.js";
import { _, refusal } from "./texts.js";

/** @typedef {{x: number, y: number, zoom: number}} Place */

const SHOWN_PX = 512;
const SENT_PX = 400;
const CLOSEST = 4;
const STEP = 0.05;

const form = /** @type {HTMLFormElement} */ (document.getElementById("upload"));
const field = /** @type {HTMLInputElement} */ (document.getElementById("picture"));
const cropper = document.createElement("div");

/** The square around a place, inside of the picture. @param {ImageBitmap} picture @param {Place} place */
function square({ width, height }, { x, y, zoom }) {
  const side = Math.min(width, height) / zoom;
  /** @param {number} middle @param {number} length */
  const start = (middle, length) => Math.min(Math.max(middle - side / 2, 0), length - side);
  return { x: start(x, width), y: start(y, height), side };
}

/** What is transparent becomes white, as for those who see it. @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} picture @param {Place} place */
function draw(canvas, picture, place) {
  const paper = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const { x, y, side } = square(picture, place);
  paper.imageSmoothingQuality = "high";
  paper.fillStyle = "white";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
}

/** @param {ImageBitmap} picture @param {Place} place @returns {Promise<Blob | null>} */
function cut(picture, place) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SENT_PX;
  draw(canvas, picture, place);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}

/** @param {{picture: ImageBitmap}} props */
function Cropper({ picture }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const request = useRef(/** @type {XMLHttpRequest | null} */ (null));
  const place = useSignal({ x: picture.width / 2, y: picture.height / 2, zoom: 1 });
  const held = useRef({ x: 0, y: 0 });
  const sent = useSignal(-1);
  const problem = useSignal("");
  useLayoutEffect(() => draw(/** @type {HTMLCanvasElement} */ (canvas.current), picture, place.value), [picture, place.value]);
  useLayoutEffect(() => canvas.current?.parentElement?.focus(), [picture]);

  /** By parts of the square; what would lead out of the picture stops at its edge.
   * @param {number} right @param {number} down @param {number} [zoom] */
  const move = (right, down, zoom = place.peek().zoom) => {
    const { x, y, side } = square(picture, place.peek());
    const moved = { x: x + side * (right + 0.5), y: y + side * (down + 0.5), zoom: Math.min(Math.max(zoom, 1), CLOSEST) };
    const kept = square(picture, moved);
    place.value = { x: kept.x + kept.side / 2, y: kept.y + kept.side / 2, zoom: moved.zoom };
  };
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowLeft: () => move(-STEP, 0),
    ArrowRight: () => move(STEP, 0),
    ArrowUp: () => move(0, -STEP),
    ArrowDown: () => move(0, STEP),
    "+": () => move(0, 0, place.peek().zoom * 1.1),
    "=": () => move(0, 0, place.peek().zoom * 1.1),
    "-": () => move(0, 0, place.peek().zoom / 1.1),
  };
  /** @param {KeyboardEvent} event */
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    keys[event.key]();
    event.preventDefault();
  };
  /** @param {any} event */
  const hold = (event) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = { x: event.clientX, y: event.clientY };
  };
  /** The picture goes with the pointer. @param {PointerEvent} event */
  const drag = (event) => {
    const width = canvas.current?.clientWidth;
    if (!event.buttons || !width) return;
    move((held.current.x - event.clientX) / width, (held.current.y - event.clientY) / width);
    held.current = { x: event.clientX, y: event.clientY };
  };
  const send = async () => {
    const part = await cut(picture, place.peek());
    if (!part) {
      problem.value = refusal({ code: "picture_invalid" });
      return;
    }
    problem.value = "";
    sent.value = 0;
    const call = new XMLHttpRequest();
    request.current = call;
    /** @param {string} why */
    const failed = (why) => {
      sent.value = -1;
      problem.value = why;
    };
    call.upload.onprogress = ({ loaded, total }) => (sent.value = Math.floor((loaded / total) * 100));
    call.onload = () => (call.status < 400 ? location.assign("/-/account?saved=picture") : failed(call.responseText));
    call.onerror = () => failed(_("The connection was lost. Please try again."));
    call.open("POST", form.action);
    const body = new FormData();
    body.append("picture", part, "picture.jpg");
    call.send(body);
  };
  const stop = () => {
    request.current?.abort();
    form.reset();
    form.hidden = false;
    render(null, cropper);
    field.focus();
  };
  return html`<div class="crop">
    <p id="crop-hint" class="hint">${_("Drag the picture, or move it by the arrow keys; + and - make it larger and smaller.")}</p>
    <div class="crop-window" tabindex="0" role="application" aria-label=${_("The square that others will see")} aria-describedby="crop-hint"
      onKeyDown=${press} onPointerDown=${hold} onPointerMove=${drag}>
      <canvas ref=${canvas} width=${SHOWN_PX} height=${SHOWN_PX} />
    </div>
    <label for="zoom">${_("Size")}</label>
    <input id="zoom" type="range" min="1" max=${CLOSEST} step="0.05" value=${place.value.zoom}
      onInput=${(/** @type {any} */ event) => move(0, 0, Number(event.target.value))} />
    ${problem.value && html`<p class="refused" role="alert">${problem.value}</p>`}
    ${sent.value >= 0 && html`<p role="status"><progress max="100" value=${sent.value} aria-label=${_("Upload")} /> ${sent.value} %</p>`}
    <p class="actions">
      <button type="button" disabled=${sent.value >= 0} onClick=${send}>${_("Upload")}</button>
      <button type="button" class="quiet" onClick=${stop}>${_("Cancel")}</button>
    </p>
  </div>`;
}

async function chosen() {
  const [file] = field.files ?? [];
  field.setCustomValidity("");
  if (!file) return;
  try {
    const picture = await createImageBitmap(file);
    form.hidden = true;
    render(html`<${Cropper} key=${Date.now()} picture=${picture} />`, cropper);
  } catch {
    field.setCustomValidity(refusal({ code: "picture_invalid" }));
    field.reportValidity();
  }
}

form.after(cropper);
const label = form.querySelector("label");
if (label) label.textContent = _("JPEG, PNG, GIF or WebP");
field.addEventListener("change", chosen);
chosen(); // whoever was faster than this module
