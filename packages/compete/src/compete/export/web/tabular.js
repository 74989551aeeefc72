// Rows of a table: a form with a field for each column, and the numbers and codes that a model reads.
const DAY = 86_400_000;

/** Return a row `{name: string, number or null}` as numbers and codes, by tables of the fold. */
function encode(encoding, row) {
  const tensors = { numbers: Float32Array.from(encoding.numbers, (x) => x ?? NaN), codes: BigInt64Array.from(encoding.codes, BigInt) };
  for (const [name, column] of Object.entries(encoding.columns)) {
    const value = row[name] ?? null;
    const category = column.kind === "category" ? column : column.category;
    if (category) {
      const level = column.kind === "day" ? value?.slice(0, 10) : value;
      const found = value === null ? category.missing : Object.hasOwn(category.levels, level) ? category.levels[level] : category.other;
      category.at.forEach(([kind, place], k) => (tensors[kind][place] = kind === "codes" ? BigInt(found[k]) : found[k]));
    }
    if (column.kind === "number" && value !== null) {
      for (const [place] of column.at) tensors.numbers[place] = Math.max(-1e30, Math.min(1e30, value));
    } else if ((column.kind === "date" || column.kind === "day") && value !== null) {
      const moment = new Date(`${value}Z`); // as the training read it: without a time zone
      const newYear = Date.UTC(moment.getUTCFullYear(), 0, 1);
      const parts = [
        moment / DAY,
        moment.getUTCFullYear(),
        moment.getUTCMonth() + 1,
        moment.getUTCDate(),
        moment.getUTCDay() || 7,
        Math.floor((moment - newYear) / DAY) + 1,
        moment.getUTCHours(),
      ];
      for (const [place, part] of column.at) tensors.numbers[place] = parts[part];
    }
  }
  const feeds = {};
  if (tensors.numbers.length) feeds.numbers = ["float32", tensors.numbers, [1, tensors.numbers.length]];
  if (tensors.codes.length) feeds.codes = ["int64", tensors.codes, [1, tensors.codes.length]];
  return feeds;
}

const FIRST = 12; // fields that are seen at once; the others are folded

/** Return a field's element, and how its value is read and set; null stands for missing. */
function field(column, changed) {
  const id = `field-${column.name}`;
  const label = element("label", { htmlFor: id, textContent: column.name });
  const missing = column.missing ? " (may be empty)" : "";
  if (column.kind === "category") {
    const select = element("select", { id, name: column.name });
    if (column.missing) select.append(element("option", { value: "", textContent: "— missing —" }));
    for (const level of column.levels) select.append(element("option", { value: `=${level}`, textContent: level }));
    select.addEventListener("change", changed);
    return {
      whole: element("div", {}, label, select),
      get: () => (select.value ? select.value.slice(1) : null),
      set: (value) => (select.value = value === null ? "" : `=${value}`),
    };
  }
  if (column.kind === "date") {
    const input = element("input", { id, name: column.name, type: "datetime-local" });
    input.addEventListener("change", changed);
    return { whole: element("div", {}, label, input), get: () => input.value || null, set: (value) => (input.value = value ?? "") };
  }
  const input = element("input", { id, name: column.name, type: "number", step: "any", placeholder: column.missing ? "missing" : "" });
  const short = (value) => value.toLocaleString("en", { maximumSignificantDigits: 4, useGrouping: false });
  label.append(element("span", { textContent: `${short(column.from)} to ${short(column.to)}`, title: `98 % of the training rows${missing}` }));
  const step = column.whole ? 1 : Number(((column.to - column.from) / 100).toPrecision(1)) || "any";
  const slider = element("input", { type: "range", min: column.from, max: column.to, step, ariaLabel: `${column.name}, as a slider` });
  slider.addEventListener("input", () => {
    input.value = slider.value;
    changed();
  });
  input.addEventListener("input", () => {
    slider.value = input.value;
    changed();
  });
  return {
    whole: element("div", {}, label, input, slider),
    get: () => (input.value === "" ? null : input.valueAsNumber),
    set: (value) => (slider.value = input.value = value ?? ""),
  };
}

const task = {
  setup(root, { columns }, ask) {
    const fields = {};
    const give = () => {
      const row = Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.get()]));
      ask({ feeds: (encoding) => encode(encoding, row) });
    };
    task.choose = ({ values: row }) => {
      for (const [name, value] of Object.entries(row)) fields[name].set(value);
      give();
    };
    for (const column of columns) fields[column.name] = field(column, give);
    const all = Object.values(fields).map((one) => one.whole);
    root.append(element("h2", { id: "input-title", textContent: "Fill in a row" }), element("div", { className: "fields" }, ...all.slice(0, FIRST)));
    if (all.length > FIRST) {
      const more = element("details", {}, element("summary", { textContent: `${all.length - FIRST} more columns, set to their usual values` }));
      more.append(element("div", { className: "fields" }, ...all.slice(FIRST)));
      root.append(more);
    }
    const reset = element("button", { type: "button", textContent: "Typical values" });
    reset.addEventListener("click", () => task.choose({ values: Object.fromEntries(columns.map(({ name, usual }) => [name, usual])) }));
    root.append(element("div", { className: "row" }, reset));
    reset.click();
  },
  example({ name }) {
    return [name];
  },
};
