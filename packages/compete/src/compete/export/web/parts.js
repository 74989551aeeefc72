// Files come as scripts of gzip in base64: of a page on a disk, a browser loads scripts only.
const values = JSON.parse(document.getElementById("values").textContent);
const arrived = new Map();
window.part = (name, number, text) => arrived.set(`${name}-${number}`, text);

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(script.remove());
    script.onerror = () => reject(new Error(`${address} can't be loaded. Keep it beside this page.`));
    document.head.append(script);
  });
}

async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Return the bytes of a file; `loaded` is told how much of it has come. */
async function loadFile(name, loaded) {
  const pieces = [];
  for (const [number, size] of values.files[name].entries()) {
    await loadScript(`parts/${name}-${number}.js`);
    pieces.push(await unpack(arrived.get(`${name}-${number}`)));
    arrived.delete(`${name}-${number}`);
    loaded(size);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

async function importFile(name, loaded) {
  const bytes = await loadFile(name, loaded);
  const address = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  return import(address).finally(() => URL.revokeObjectURL(address));
}
