// Texts: cleaned as the training cleaned them, and turned into tokens by the model's own tokenizer.
function unescape(text) {
  const area = document.createElement("textarea");
  area.innerHTML = text.replaceAll("<", "&lt;");
  return area.value;
}

/** Return a text without control characters and with single spaces; of the web also without links. */
function cleanText(text, web) {
  if (web) text = unescape(text).replace(/(?:https?:\/\/|www\.)\S+/giu, "http");
  return normalizeText(text);
}

/** Return how much of two texts is kept, as Hugging Face's tokenizers cut the longest first. */
function cutSizes(first, second, most) {
  if (first + second <= most) return [first, second];
  if (!second) return [most, 0];
  let [short, long] = [Math.min(first, second), Math.max(first, second)];
  long = short > most ? short : Math.max(short, most - short);
  if (short + long > most) [short, long] = [Math.floor(most / 2), Math.floor(most / 2) + (most % 2)];
  return first > second ? [long, short] : [short, long];
}

/** Return ids and segments of a row `{column: text}`. */
function tokenize(encoding, row) {
  const tokenizer = tokenizers[encoding.tokenizer];
  const entries = Object.entries(encoding.columns).map(([name, kind]) => [kind, encoding.clean ? cleanText(row[name] ?? "", true) : (row[name] ?? "")]);
  const texts = entries.filter(([kind]) => kind === "text").map(([, text]) => text);
  const second = encoding.pair ? texts.pop() : "";
  const parts = [...entries.filter(([kind]) => kind === "side").map(([, text]) => text), ...texts];
  const ids = (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const a = ids(parts.filter((part) => part !== "").join(` ${encoding.separator} `));
  const b = encoding.pair ? ids(second) : [];
  const { before, between, after } = encoding;
  const [keptA, keptB] = cutSizes(a.length, b.length, encoding.cut - before.length - between.length - after.length);
  const head = [...before, ...a.slice(0, keptA), ...between];
  const tail = [...b.slice(0, keptB), ...after];
  return { ids: [...head, ...tail], segments: [...head.map(() => 0), ...tail.map(() => (encoding.pair ? 1 : 0))] };
}

const task = {
  begin: loadTokenizers,
  setup(root, { fields }, ask) {
    const inputs = {};
    const give = () => {
      const row = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value]));
      if (!fields.some(({ name, kind }) => kind === "text" && row[name].trim())) return;
      const feeds = (encoding) => {
        const { ids, segments } = tokenize(encoding, row);
        const tensor = (numbers) => ["int64", BigInt64Array.from(numbers, BigInt), [1, numbers.length]];
        const found = { input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)) };
        return encoding.segments ? { ...found, token_type_ids: tensor(segments) } : found;
      };
      ask({ feeds });
    };
    task.choose = ({ text }) => {
      inputs[fields.find(({ kind }) => kind === "text").name].value = text;
      give();
    };
    root.append(element("h2", { id: "input-title", textContent: "Type a text" }));
    const form = element("div", { className: "fields wide-fields" });
    for (const { name, kind, levels } of [...fields].sort((a, b) => (a.kind < b.kind ? 1 : -1))) {
      const id = `field-${name}`;
      const input = kind === "text" ? element("textarea", { id, name, dir: "auto", spellcheck: false }) : element("select", { id, name });
      if (kind === "side") input.append(element("option", { value: "", textContent: "— none —" }), ...levels.map((level) => element("option", { value: level, textContent: level })));
      let timer;
      input.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(give, 150);
      });
      inputs[name] = input;
      form.append(element("div", {}, element("label", { htmlFor: id, textContent: name }), input));
    }
    root.append(form);
  },
  example({ name }) {
    return [name.length > 90 ? `${name.slice(0, 89)}…` : name];
  },
};
