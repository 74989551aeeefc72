// What was predicted, as a person reads it.
const SHOWN = 5;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function number(value) {
  return value.toLocaleString("en", { maximumSignificantDigits: 5 });
}

function percent(value) {
  return `${(100 * value).toFixed(value > 0.0005 && value < 0.9995 ? 1 : 0)} %`;
}

function bars(found) {
  const items = found.map(({ name, value }) => {
    const fill = element("span");
    fill.style.setProperty("--part", Math.max(0, Math.min(1, value)));
    return element(
      "li",
      {},
      element("span", { className: "name", title: name, textContent: name, dir: "auto" }),
      element("span", { className: "track", ariaHidden: "true" }, fill),
      element("data", { value: String(value), textContent: percent(value) }),
    );
  });
  return element("ul", { className: "bars" }, ...items);
}

/** Return the place of the class that the mean class, counted from 0, falls in. */
function classOfMean(predictions) {
  const total = predictions.reduce((sum, value) => sum + value, 0);
  const mean = predictions.reduce((sum, value, place) => sum + place * value, 0) / total;
  return values.cutPoints.filter((cut) => cut <= mean).length;
}

/** Return the predictions as HTML: classes by probability, or values with their names. */
function describe(predictions) {
  const found = values.outputs.map((name, index) => ({ name, value: predictions[index] }));
  if (values.problem === "regression") {
    return found.map(({ name, value }) =>
      element("p", { className: "answer" }, element("data", { value: String(value), textContent: number(value) }), element("small", { textContent: ` ${name}` })),
    );
  }
  const chosen = values.cutPoints.length ? found[classOfMean(predictions)] : null;
  found.sort((a, b) => b.value - a.value);
  const top = found.slice(0, SHOWN);
  const rest = found.length - top.length;
  const more = rest > 0 ? element("p", { className: "hint", textContent: `${rest} more, each less probable.` }) : null;
  if (values.problem === "multilabel") {
    const named = found.filter(({ value }) => value > 0.5).map(({ name }) => name);
    return [element("p", { className: "answer", textContent: named.join(", ") || "None of the labels" }), bars(top), more];
  }
  const answer = chosen ?? top[0];
  return [
    element("p", { className: "answer" }, `${answer.name} `, element("small", { textContent: percent(answer.value) })),
    bars(top),
    more,
  ];
}
