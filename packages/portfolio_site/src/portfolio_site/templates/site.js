// Filters and sorts the cards. Without JavaScript all of them are there, the newest first.
const tools = document.querySelector(".tools");
const list = document.querySelector(".cards");
const cards = [...list.children];
const buttons = [...tools.querySelectorAll("button")];
const sort = tools.querySelector("select");
const status = tools.querySelector("[role=status]");

function filter(task) {
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(button.dataset.task === task));
  }
  for (const card of cards) {
    card.hidden = task !== "" && card.dataset.task !== task;
  }
  const shown = cards.filter((card) => !card.hidden).length;
  status.textContent = `${shown} of ${cards.length} projects are shown`;
}

// The cards come newest first, and sorting is stable: that order decides between equals.
const orders = {
  date: () => 0,
  standing: (one, other) => Number(other.dataset.standing) - Number(one.dataset.standing),
};

for (const button of buttons) {
  button.addEventListener("click", () => filter(button.dataset.task));
}
sort.addEventListener("change", () => list.append(...[...cards].sort(orders[sort.value])));
tools.hidden = cards.length < 2;
