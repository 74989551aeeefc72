// Translation of a sentence, token by token, with the probability of each token and its alternatives.
const WAIT = 400; // milliseconds after the last key

/** Return the tokens of a sentence, truncated as in training. */
function sourceTokens(encoding, text) {
  const { ids: found } = tokenizers[encoding.tokenizer].encode(encoding.prefix + normalizeText(text), { add_special_tokens: false });
  const ids = found.map((id) => (id < encoding.known ? id : encoding.unknown));
  const whole = [...encoding.before, ...ids, ...encoding.after];
  return whole.length <= encoding.cut ? whole : [...whole.slice(0, encoding.cut - 1), whole.at(-1)];
}

function decodeTokens(encoding, ids) {
  if (!ids.length) return "";
  return tokenizers[encoding.tokenizer].decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: encoding.cleanUp });
}

/** Return a tensor of one row with that row `count` times, once for each beam. */
function repeated(ort, tensor, count) {
  const data = new Float32Array(tensor.data.length * count);
  for (let row = 0; row < count; row++) data.set(tensor.data, row * tensor.data.length);
  return new ort.Tensor("float32", data, [count, ...tensor.dims.slice(1)]);
}

/** Return the function that gives `search` the logits of the next tokens. */
async function decoder({ ort }, { session, parts, encoding }, source) {
  const count = encoding.beams;
  const ints = (numbers, shape) => new ort.Tensor("int64", BigInt64Array.from(numbers, BigInt), shape);
  const mask = source.map(() => 1);
  const read = await parts.encoder.run({ input_ids: ints(source, [1, source.length]), attention_mask: ints(mask, [1, source.length]) });
  const fixed = { mask: ints(Array(count).fill(mask).flat(), [count, source.length]) };
  for (const [name, tensor] of Object.entries(read)) fixed[name] = repeated(ort, tensor, count);
  let written = {};
  for (const name of session.inputNames.filter((one) => one.startsWith("written"))) {
    const [, , heads, width] = read[name.replace("written", "source")].dims;
    written[name] = new ort.Tensor("float32", new Float32Array(0), [count, 0, heads, width]);
  }
  return async (tokens, parents) => {
    const found = await session.run({ ...fixed, ...written, tokens: ints(tokens, [count]), parents: ints(parents, [count]) });
    written = Object.fromEntries(Object.keys(written).map((name) => [name, found[name.replace("written", "next")]]));
    return found.predictions.data;
  };
}

/** Return the text of the tokens; if it is empty the source's, as `predict_batch` of the template does. */
function finalText(encoding, ids, source) {
  const end = source.indexOf(encoding.end);
  return decodeTokens(encoding, ids).trim() || decodeTokens(encoding, end < 0 ? source : source.slice(0, end)).trim() || "-";
}

/** Return the tokens as buttons, and a place for the alternatives of the chosen one. */
function tokenList(encoding, trace) {
  const others = element("div", { className: "others", ariaLive: "polite" });
  const piece = (id) => tokenizers[encoding.tokenizer].id_to_token(id) ?? String(id);
  const shown = (id) => (encoding.ends.includes(id) ? "(end)" : piece(id).replaceAll("▁", "␣"));
  const buttons = trace.map(({ id, probability, others: list }) => {
    const value = element("data", { value: String(probability), textContent: percent(probability) });
    const button = element("button", { type: "button", ariaPressed: "false" }, element("span", { textContent: shown(id) }), value);
    button.style.setProperty("--part", probability);
    button.addEventListener("click", () => {
      for (const one of buttons) one.ariaPressed = String(one === button);
      others.replaceChildren(bars(list.map((one) => ({ name: shown(one.id), value: one.probability }))));
    });
    return button;
  });
  const hint = element("p", { className: "hint", textContent: "Each token with its probability. Choose one to see the alternatives." });
  return [hint, element("ul", { className: "tokens" }, ...buttons.map((button) => element("li", {}, button))), others];
}

const task = {
  begin: loadTokenizers,
  setup(root, { column, target }, ask) {
    const input = element("textarea", { id: `field-${column}`, name: column, dir: "auto", spellcheck: false });
    const give = () => normalizeText(input.value) && ask({ text: input.value });
    let timer;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(give, WAIT);
    });
    task.choose = ({ text }) => {
      input.value = text;
      give();
    };
    const label = element("label", { htmlFor: input.id, textContent: column });
    const form = element("div", { className: "fields wide-fields" }, element("div", {}, label, input));
    root.append(element("h2", { id: "input-title", textContent: "Type a sentence" }), form);
    place("output-title").textContent = `Translation: ${target}`;
  },
  /** Translate and show new tokens as they come; stop if another sentence is waiting. */
  async predict(ready, { text }) {
    const model = ready.models[0];
    const { encoding } = model;
    const source = sourceTokens(encoding, text);
    const step = await decoder(ready, model, source);
    const growing = element("p", { className: "answer growing", dir: "auto" });
    place("result").ariaBusy = "true"; // screen readers announce the finished translation only
    place("result").replaceChildren(growing);
    const end = source.indexOf(encoding.end);
    const limit = encoding.limits[end < 0 ? source.length : end];
    const pause = () => new Promise((resolve) => setTimeout(resolve));
    const paced = async (...given) => (await pause(), step(...given));
    const found = await search(paced, encoding, limit, ({ ids }) => {
      growing.textContent = decodeTokens(encoding, ids);
      return waiting !== null;
    });
    place("result").ariaBusy = "false";
    return { encoding, trace: found.trace, text: finalText(encoding, found.ids, source) };
  },
  describe({ encoding, trace, text }) {
    return [element("p", { className: "answer", dir: "auto", textContent: text }), ...tokenList(encoding, trace)];
  },
  example({ name }) {
    return [name.length > 90 ? `${name.slice(0, 89)}…` : name];
  },
};
