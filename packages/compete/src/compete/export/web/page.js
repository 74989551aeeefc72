// Joins the input of the task (`task.setup`) with the models, once they are there.
const place = (id) => document.getElementById(id);
let ready = null;
let waiting = null; // the newest input; those that came while a prediction ran are skipped
let running = false;

function fail(message) {
  place("problem").textContent = message;
  place("problem").hidden = false;
}

/** Predict what was given: `feeds` makes the tensors, `shown` is what the model sees. */
function ask(input) {
  waiting = input;
  if (ready && !running) work();
}

async function work() {
  running = true;
  while (waiting) {
    const input = waiting;
    waiting = null;
    place("problem").hidden = true;
    try {
      const start = performance.now();
      const found = task.predict ? await task.predict(ready, input) : await predict(ready, input.feeds);
      const took = performance.now() - start;
      const time = element("span", { textContent: `${took < 10 ? took.toFixed(1) : took.toFixed(0)} ms on this device` });
      const facts = element("div", { className: "facts" }, input.shown ? element("div", {}, input.shown, "what the model sees") : null, time);
      place("result").replaceChildren(...[...task.describe?.(found) ?? describe(found), facts].filter(Boolean));
      place("result").dataset.count = Number(place("result").dataset.count ?? 0) + 1;
    } catch (error) {
      fail(`Prediction failed: ${error.message}`);
    }
  }
  running = false;
}

async function begin() {
  const lack = missing();
  if (lack) {
    place("loading").hidden = true;
    return fail(lack);
  }
  try {
    ready = await loadModels((part) => (place("progress").value = 100 * part));
    await task.begin?.(ready);
    place("loading").hidden = true;
    document.body.dataset.ready = "yes";
    if (waiting) work();
  } catch (error) {
    place("loading").hidden = true;
    fail(`The model can't be loaded: ${error.message}`);
  }
}

document.body.dataset.task = values.task;
task.setup(place("input"), values.spec, ask);
if (values.examples.length) {
  place("examples").hidden = false;
  place("examples").querySelector("ul").append(
    ...values.examples.map((example) => {
      const button = element("button", { type: "button" }, ...task.example(example));
      if (!button.firstElementChild) button.className = "text";
      button.addEventListener("click", () => task.choose(example));
      return element("li", {}, button);
    }),
  );
}
begin();
