// Images: from a file, the clipboard, a camera or a drawing to the pixels that the model was trained on.

// ---- Pillow's arithmetic, to the bit: libImaging/Resample.c and Reduce.c, which the training used.
const PRECISION = 22; // bits after the point of a weight

function bicubic(x) {
  const a = -0.5;
  x = Math.abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/** Return for each of `out` new pixels where its neighbours begin, and their integer weights. */
function coefficients(size, extent, out) {
  const scale = extent / out;
  const support = 2 * Math.max(scale, 1);
  const shrink = 1 / Math.max(scale, 1); // multiplied, not divided by: it rounds otherwise
  return Array.from({ length: out }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const last = Math.min(size, Math.trunc(centre + support + 0.5));
    const weights = [];
    for (let x = first; x < last; x++) weights.push(bicubic((x - centre + 0.5) * shrink));
    const norm = 1 / weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((w) => Math.trunc(w * norm * 2 ** PRECISION + (w < 0 ? -0.5 : 0.5))) };
  });
}

/** Resample along one axis: `stride` lies between neighbours, `lines` are the other axes' starts. */
function pass(pixels, table, stride, starts, target, targetStride, targetStarts) {
  starts.forEach((start, line) => {
    table.forEach(({ first, weights }, index) => {
      let sum = 2 ** (PRECISION - 1);
      for (let k = 0; k < weights.length; k++) sum += pixels[start + (first + k) * stride] * weights[k];
      target[targetStarts[line] + index * targetStride] = Math.max(0, Math.min(255, Math.floor(sum / 2 ** PRECISION)));
    });
  });
}

/** Resample to a square; since Pillow 13, tall images are made shorter before they are made wider. */
function resample(image, channels, size, extentX, extentY, verticalFirst) {
  const starts = (count, each) => Array.from({ length: count * channels }, (_, i) => Math.floor(i / channels) * each + (i % channels));
  const along = ({ data, width, height }) => {
    if (width === size && extentX === size) return { data, width, height };
    const target = new Uint8Array(size * height * channels);
    pass(data, coefficients(width, extentX, size), channels, starts(height, width * channels), target, channels, starts(height, size * channels));
    return { data: target, width: size, height };
  };
  const down = ({ data, width, height }) => {
    if (height === size && extentY === size) return { data, width, height };
    const target = new Uint8Array(width * size * channels);
    const column = starts(width, channels);
    pass(data, coefficients(height, extentY, size), width * channels, column, target, width * channels, column);
    return { data: target, width, height: size };
  };
  const first = verticalFirst && image.height > size && 2 * image.width < image.height + size;
  return first ? along(down(image)) : down(along(image));
}

/** Return means of blocks of `fx` by `fy` pixels. */
function reduce({ data, width, height }, channels, fx, fy) {
  const w = Math.ceil(width / fx);
  const h = Math.ceil(height / fy);
  const target = new Uint8Array(w * h * channels);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const wide = Math.min(fx, width - x * fx);
      const high = Math.min(fy, height - y * fy);
      const count = wide * high;
      const factor = Math.trunc(Math.fround(Math.fround(2 ** 32) / Math.fround(256 * count)));
      for (let c = 0; c < channels; c++) {
        let sum = Math.floor(count / 2);
        for (let j = 0; j < high; j++) {
          const line = ((y * fy + j) * width + x * fx) * channels + c;
          for (let i = 0; i < wide; i++) sum += data[line + i * channels];
        }
        target[(y * w + x) * channels + c] = Math.floor((sum * factor) / 2 ** 24);
      }
    }
  }
  return { data: target, width: w, height: h };
}

/** Image.resize((size, size), BICUBIC, reducing_gap=3.0) of Pillow. */
function resize(image, channels, size, verticalFirst = true) {
  if (image.width === size && image.height === size) return image;
  const fx = Math.trunc(image.width / size / 3) || 1;
  const fy = Math.trunc(image.height / size / 3) || 1;
  const [extentX, extentY] = [Math.fround(image.width / fx), Math.fround(image.height / fy)];
  const small = fx > 1 || fy > 1 ? reduce(image, channels, fx, fy) : image;
  return resample(small, channels, size, extentX, extentY, verticalFirst);
}

// ---- From what a visitor gives to pixels.

/** Return RGBA as one grey channel, or three of colour, as Pillow converts them. */
function withChannels({ data, width, height }, channels) {
  const target = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
    if (channels === 1) target[i] = (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
    else target.set([r, g, b], 3 * i);
  }
  return { data: target, width, height };
}

/** Return a bitmap's colours as they are where it is transparent; a 2D canvas forgets them. */
function withoutAlpha(bitmap) {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl");
  if (!gl || Math.max(bitmap.width, bitmap.height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return null;
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, gl.getParameter(gl.TEXTURE_BINDING_2D), 0);
  const data = new Uint8Array(4 * bitmap.width * bitmap.height);
  gl.readPixels(0, 0, bitmap.width, bitmap.height, gl.RGBA, gl.UNSIGNED_BYTE, data);
  return { data, width: bitmap.width, height: bitmap.height };
}

async function read(blob, { channels, size, verticalFirst }) {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none", imageOrientation: "from-image" });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  let pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
  if (pixels.data.some((value, index) => index % 4 === 3 && value < 255)) pixels = withoutAlpha(bitmap) ?? pixels;
  bitmap.close();
  return resize(withChannels(pixels, channels), channels, size, verticalFirst);
}

/** Return a grey image blurred by a Gaussian, by hand: Safari's canvas has no filter. */
function blurred(image, sigma) {
  const reach = Math.ceil(2.5 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * sigma * sigma)));
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  const { data, width } = image;
  const along = (from, next, line) => {
    const to = new Float32Array(from.length);
    for (let a = 0; a < width; a++) {
      for (let b = 0; b < width; b++) {
        let value = 0;
        kernel.forEach((weight, k) => (value += weight * from[a * line + Math.max(0, Math.min(width - 1, b + k - reach)) * next]));
        to[a * line + b * next] = value / sum;
      }
    }
    return to;
  };
  return { ...image, data: Uint8Array.from(along(along(data, 1, width), width, 1), Math.round) };
}

/** Return strokes as an image that lies as the training images do. */
function drawn(strokes, { native, side, stroke, blur, background, ink, centre }, size) {
  const wide = Math.max(200, 4 * native);
  const line = stroke * wide;
  const points = strokes.flat();
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  const scale = (side * wide - line) / Math.max(box[2] - box[0], box[3] - box[1], 0.05);
  const render = (dx, dy) => {
    const context = new OffscreenCanvas(wide, wide).getContext("2d", { willReadFrequently: true });
    context.fillStyle = `rgb(${background},${background},${background})`;
    context.fillRect(0, 0, wide, wide);
    Object.assign(context, { lineWidth: line, lineCap: "round", lineJoin: "round", strokeStyle: `rgb(${ink},${ink},${ink})` });
    for (const points of strokes) {
      context.beginPath();
      for (const [x, y] of points) context.lineTo((x - (box[0] + box[2]) / 2) * scale + wide / 2 + dx, (y - (box[1] + box[3]) / 2) * scale + wide / 2 + dy);
      if (points.length === 1) context.lineTo((points[0][0] - (box[0] + box[2]) / 2) * scale + wide / 2 + dx + 0.01, (points[0][1] - (box[1] + box[3]) / 2) * scale + wide / 2 + dy);
      context.stroke();
    }
    return withChannels(context.getImageData(0, 0, wide, wide), 1);
  };
  let image = render(0, 0);
  if (centre === "mass") {
    let [mass, x, y] = [0, 0, 0];
    image.data.forEach((value, index) => {
      const weight = Math.abs(value - background);
      mass += weight;
      x += weight * (index % wide);
      y += weight * Math.floor(index / wide);
    });
    image = render((wide - 1) / 2 - x / mass, (wide - 1) / 2 - y / mass);
  }
  return resize(resize(blurred(image, blur * wide), 1, native), 1, size);
}

function preview({ data }, channels, size) {
  const canvas = element("canvas", { width: size, height: size });
  const context = canvas.getContext("2d");
  const shown = context.createImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    for (let c = 0; c < 3; c++) shown.data[4 * i + c] = data[i * channels + (channels === 3 ? c : 0)];
    shown.data[4 * i + 3] = 255;
  }
  context.putImageData(shown, 0, 0);
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

const task = {
  setup(root, spec, ask) {
    const { size, channels, ink } = spec;
    const give = (image) => {
      const planes = new Uint8Array(size * size * channels); // from interleaved channels
      for (let i = 0; i < size * size; i++) for (let c = 0; c < channels; c++) planes[c * size * size + i] = image.data[i * channels + c];
      ask({ feeds: () => ({ pixels: ["uint8", planes, [1, channels, size, size]] }), shown: preview(image, channels, size) });
    };
    const title = element("h2", { id: "input-title", textContent: ink ? "Draw or choose an image" : "Choose an image" });
    const pad = element("div", { className: "pad" });
    const file = (label, primary, properties) => {
      const input = element("input", { type: "file", accept: "image/*", ...properties });
      input.addEventListener("change", () => input.files[0] && take(input.files[0]));
      return element("label", {}, input, element("span", { className: primary ? "button primary" : "button", textContent: label }));
    };
    const take = async (blob) => {
      try {
        const image = await read(blob, spec);
        const seen = element("img", { src: URL.createObjectURL(blob), alt: "Your image" });
        await seen.decode();
        seen.className = Math.max(seen.naturalWidth, seen.naturalHeight) <= 128 ? "small" : "";
        pad.className = "pad";
        pad.replaceChildren(seen);
        give(image);
      } catch (error) {
        fail(`Your browser can't open this image (${error.message}).`);
      }
    };
    task.choose = async (example) => {
      const bytes = Uint8Array.from(atob(example.image.split(",")[1]), (character) => character.charCodeAt(0));
      take(new Blob([bytes], { type: "image/png" }));
    };
    const buttons = element("div", { className: "row" });
    if (ink) buttons.append(drawing(pad, ink, (strokes) => give(drawn(strokes, ink, size))));
    else pad.append(element("p", { className: "hint", textContent: "Drop an image here, or paste one." }));
    buttons.append(file("Choose an image", !ink, {}));
    if (matchMedia("(pointer: coarse)").matches) buttons.append(file("Take a photo", false, { capture: "environment" }));
    root.append(title, pad, buttons);
    for (const type of ["dragover", "dragleave", "drop"]) {
      document.addEventListener(type, (event) => {
        event.preventDefault();
        pad.classList.toggle("over-it", type === "dragover");
        if (type === "drop" && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
      });
    }
    document.addEventListener("paste", (event) => {
      const pasted = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
      if (pasted) take(pasted);
    });
  },
  example(example) {
    const image = element("img", { src: example.image, alt: example.name, title: example.name });
    image.decode().then(() => (image.className = image.naturalWidth <= 64 ? "small" : ""), () => {});
    return [image];
  },
};

/** Make the pad a place to draw on; return the button that clears it. */
function drawing(pad, { background, ink }, done) {
  const canvas = element("canvas", { width: 560, height: 560, ariaLabel: "Draw here" });
  canvas.setAttribute("role", "img");
  const hint = element("p", { className: "hint", textContent: "Draw here" });
  const context = canvas.getContext("2d");
  let strokes = [];
  const clear = () => {
    strokes = [];
    context.fillStyle = `rgb(${background},${background},${background})`;
    context.fillRect(0, 0, 560, 560);
    pad.className = "pad square";
    hint.hidden = false;
    pad.replaceChildren(canvas, hint);
  };
  const where = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const line = (from, to) => {
    Object.assign(context, { lineWidth: 36, lineCap: "round", strokeStyle: `rgb(${ink},${ink},${ink})` });
    context.beginPath();
    context.moveTo(560 * from[0], 560 * from[1]);
    context.lineTo(560 * to[0] + 0.01, 560 * to[1]);
    context.stroke();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    hint.hidden = true;
    strokes.push([where(event)]);
    line(where(event), where(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const points = strokes.at(-1);
    line(points.at(-1), where(event));
    points.push(where(event));
  });
  canvas.addEventListener("pointerup", () => strokes.length && done(strokes));
  clear();
  const button = element("button", { type: "button", textContent: "Clear and draw" });
  button.addEventListener("click", clear);
  return button;
}
