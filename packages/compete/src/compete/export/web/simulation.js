// The game: a visitor drops stones by mouse, touch or keyboard, and the agent's network answers.
const PAUSE = 150; // milliseconds after which the agent begins to think: the visitor's stone is seen first

/** Return probabilities of the columns, 0 where a stone does not fit, as a softmax of the logits. */
function softmax(logits, legal) {
  const most = Math.max(...legal.map((column) => logits[column]));
  const powers = logits.map((logit, column) => (legal.includes(column) ? Math.exp(logit - most) : 0));
  const sum = powers.reduce((total, power) => total + power);
  return powers.map((power) => power / sum);
}

/** Return what the network says of boards, each with whose view it is: `{logits, value}` of each. */
async function consult({ ort, models }, size, boards) {
  const shape = [boards.length, 2, size.rows, size.columns];
  const input = new ort.Tensor("float32", Float32Array.from(boards.flatMap(([cells, player]) => planes(cells, player))), shape);
  const { predictions } = await models[0].session.run({ planes: input });
  const width = size.columns + 1;
  return boards.map((_, index) => {
    const row = Array.from(predictions.data.slice(index * width, (index + 1) * width));
    return { logits: row.slice(0, -1), value: row.at(-1) };
  });
}

/** Return how the agent moves: by its network alone, or by a search that the network leads. */
async function choose(ready, spec, cells, searches) {
  const [mark, legal] = [toMove(cells), legalColumns(spec, cells)];
  const after = searches ? legal.map((column) => [drop(spec, cells, column), 3 - mark]) : [];
  const [{ logits, value }, ...others] = await consult(ready, spec, [[cells, mark], ...after]);
  const probabilities = softmax(logits, legal);
  if (!searches) return { probabilities, value, column: probabilities.indexOf(Math.max(...probabilities)), how: "The column with the highest probability." };
  const afterwards = Object.fromEntries(legal.map((column, index) => [column, others[index].value]));
  const found = new Search(spec, spec.search).find(cells, mark, { logits, afterwards, milliseconds: spec.search.milliseconds });
  return { probabilities, value, column: found.column, how: tell(found, spec.search.decided) };
}

/** Return what a search found, in a sentence. */
function tell({ score, depth, nodes }, decided) {
  if (score >= decided) return "The search found a forced win.";
  if (score <= -decided) return "The search found that every move loses.";
  const [moves, positions] = [depth, nodes].map((count, index) => `${count.toLocaleString("en")} ${["move", "position"][index]}${count === 1 ? "" : "s"}`);
  return `Found by search, ${moves} ahead, in ${positions}.`;
}

/** Return radio buttons as a group, and what reads the one that is chosen. */
function choice(legend, name, options, changed) {
  const group = element("fieldset", { className: "row" }, element("legend", { textContent: legend }));
  for (const [index, [value, text]] of options.entries()) {
    const input = element("input", { type: "radio", name, value, checked: index === 0 });
    input.addEventListener("change", changed);
    group.append(element("label", {}, input, ` ${text}`));
  }
  return [group, () => group.querySelector("input:checked").value];
}

const task = {
  setup(root, spec, ask) {
    let game; // its board, the agent's mark, and what happened
    const columns = Array.from({ length: spec.columns }, (_, column) => {
      const holes = Array.from({ length: spec.rows }, () => element("span", { ariaHidden: "true" }));
      const button = element("button", { type: "button" }, ...holes);
      button.addEventListener("click", () => visit(column));
      return button;
    });
    const board = element("div", { className: "board", role: "group", ariaLabel: "Board" }, ...columns);
    board.style.setProperty("--columns", spec.columns);
    const status = element("p", { className: "status", role: "status" });
    const again = element("button", { type: "button", className: "primary", textContent: "Play again" });

    const isVisitors = () => !game.over && toMove(game.cells) !== game.agent;

    function show() {
      for (const [column, button] of columns.entries()) {
        const stones = [];
        for (const [row, hole] of [...button.children].entries()) {
          const cell = row * spec.columns + column;
          const mark = game.cells[cell];
          const who = mark === 0 ? "" : mark === game.agent ? "agent" : "you";
          hole.className = `${who} ${game.won.includes(cell) ? "won" : ""}`.trim();
          hole.textContent = game.order[cell] ?? "";
          if (who) stones.unshift(who);
        }
        const free = spec.rows - stones.length;
        const held = stones.length ? `from below: ${stones.join(", ")}` : "empty";
        button.ariaLabel = `Column ${column + 1}, ${held}${free ? "" : "; full"}`;
        button.ariaDisabled = String(!isVisitors() || free === 0);
      }
      status.textContent = `${game.told} ${hint()}`.trim();
    }

    function hint() {
      if (game.winner) return game.winner === game.agent ? "The agent wins." : "You win!";
      if (game.over) return "The board is full: a draw.";
      return isVisitors() ? "It is your turn." : "The agent is thinking.";
    }

    function play(column) {
      const mark = toMove(game.cells);
      game.order[landing(spec, game.cells, column)] = game.cells.filter(Boolean).length + 1;
      game.cells = drop(spec, game.cells, column);
      Object.assign(game, outcome(spec, game.cells));
      game.told = `${mark === game.agent ? "The agent plays" : "You play"} column ${column + 1}.`;
    }

    /** Show the board, and let the agent move if it is its turn. */
    function goOn() {
      show();
      if (game.over || isVisitors()) return;
      const current = game;
      const answered = ({ column }) => {
        if (game !== current) return; // a new game was begun meanwhile
        play(column);
        show();
      };
      setTimeout(() => game === current && ask({ cells: current.cells, answered }), PAUSE);
    }

    function visit(column) {
      if (!isVisitors() || landing(spec, game.cells, column) < 0) return;
      play(column);
      goOn();
    }

    /** Begin a game with some moves made; `agent` is 1 if the agent made the first of them. */
    function begin(moves, agent) {
      game = { cells: Array(spec.rows * spec.columns).fill(0), order: {}, agent, over: false, won: [], winner: 0 };
      for (const column of moves) play(column);
      game.told = moves.length ? "" : "A new game.";
      goOn();
    }

    const start = () => begin([], Number(first()));
    const [starter, first] = choice("Who begins (this starts a new game)", "first", [["2", "You"], ["1", "The agent"]], start);
    const levels = [["argmax", "Network alone"]];
    if (spec.search) levels.unshift(["search", "Network and search"]);
    const [leveller, level] = choice("Level", "level", levels, () => showLevel());
    const note = element("p", { className: "hint" });
    function showLevel() {
      const alone = "The agent plays the column with the highest probability. The submitted agent searches as well.";
      note.textContent = spec.search && level() === "argmax" ? alone : spec.note;
    }

    task.choose = ({ moves }) => begin(moves, 1 + (moves.length % 2));
    task.predict = (ready, { cells }) => choose(ready, spec, cells, level() === "search");
    again.addEventListener("click", start);
    board.addEventListener("keydown", (event) => {
      const [at, step] = [columns.indexOf(document.activeElement), { ArrowLeft: -1, ArrowRight: 1 }[event.key]];
      if (step) columns[(at + step + spec.columns) % spec.columns].focus();
      else if (/^[1-9]$/.test(event.key) && event.key <= spec.columns) visit(event.key - 1);
      else return;
      event.preventDefault();
    });

    place("output-title").textContent = "The agent's move";
    place("result").ariaLive = "off"; // the status tells each move
    place("result").replaceChildren(element("p", { className: "hint", textContent: "Make a move, or let the agent begin." }));
    place("examples").querySelector("h2").textContent = "Positions";
    root.append(
      element("h2", { id: "input-title", textContent: `Get ${spec.inarow} in a row` }),
      status,
      board,
      element("p", { className: "hint", textContent: "You are blue, the agent is orange. Click a column, or use the arrow keys with Enter, or the key of its number." }),
      element("div", { className: "row controls" }, starter, ...(spec.search ? [leveller] : []), again),
      note,
    );
    showLevel();
    start();
  },
  example({ name }) {
    return [name];
  },
  describe({ probabilities, value, column, how }) {
    const list = bars(probabilities.map((each, index) => ({ name: values.outputs[index], value: each })));
    list.classList.add("columns");
    list.children[column].classList.add("chosen");
    const signed = `${value > 0 ? "+" : ""}${value.toFixed(2)}`.replace("-", "−");
    return [
      element("p", { className: "answer" }, values.outputs[column]),
      element("p", { className: "how", textContent: how }),
      element("h3", { textContent: "Probability of each column" }),
      list,
      element("p", { className: "value" }, "Value of the position for the agent: ", element("data", { value: String(value), textContent: signed }), " (−1 is a loss, +1 a win)"),
    ];
  },
};
