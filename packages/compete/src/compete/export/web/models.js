// The trained folds, and the mean of their predictions.

/** Return a sentence if this browser can't run models, else nothing. */
function missing() {
  if (typeof WebAssembly !== "object") {
    return "This browser has no WebAssembly, or it is switched off, and the model needs it. Any current Firefox, Chrome, Edge or Safari has it.";
  }
  // A function that holds one 128-bit value.
  const simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  if (!WebAssembly.validate(new Uint8Array(simd)) || typeof DecompressionStream !== "function") {
    return "This browser is too old for the model: it needs WebAssembly with SIMD, and DecompressionStream. Any current Firefox, Chrome, Edge or Safari has them.";
  }
  return "";
}

/** Load everything; `told` is given the part that has come, from 0 to 1. Return the models. */
async function loadModels(told) {
  const total = Object.values(values.files).flat().reduce((sum, size) => sum + size, 0);
  let come = 0;
  const loaded = (size) => told((come += size) / total);
  const ort = await importFile("ort", loaded);
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = 1; // more would need headers that GitHub Pages does not send
  ort.env.wasm.wasmBinary = (await loadFile("wasm", loaded)).buffer;
  const libraries = {};
  for (const name of values.libraries) libraries[name] = await importFile(name, loaded);
  const assets = {};
  for (const name of values.assets) assets[name] = await loadFile(name, loaded);
  const models = [];
  for (const model of values.models) {
    const session = await ort.InferenceSession.create(await loadFile(model.file, loaded));
    const parts = {};
    for (const [name, file] of Object.entries(model.parts)) parts[name] = await ort.InferenceSession.create(await loadFile(file, loaded));
    models.push({ ...model, session, parts });
  }
  return { ort, libraries, assets, models };
}

/** Return the mean prediction; `feeds` makes a model's tensors `{name: [type, data, shape]}`. */
async function predict({ ort, models }, feeds) {
  const mean = new Float64Array(values.outputs.length);
  for (const model of models) {
    const tensors = {};
    for (const [name, [type, data, shape]] of Object.entries(feeds(model.encoding))) {
      tensors[name] = new ort.Tensor(type, data, shape);
    }
    const { predictions } = await model.session.run(tensors);
    predictions.data.forEach((value, index) => (mean[index] += model.weight * Number(value)));
  }
  const t = values.threshold; // where two classes part; moved to one half
  if (mean.length === 2 && values.problem === "classification" && t !== 0.5) {
    const [no, yes] = [mean[0] * t, mean[1] * (1 - t)];
    return [no / Math.max(no + yes, 1e-12), yes / Math.max(no + yes, 1e-12)];
  }
  return Array.from(mean);
}
