// Plays a game whose final board is in the page: every stone carries the number of its move.
for (const replay of document.querySelectorAll(".replay")) {
  const stones = replay.querySelectorAll("[data-move]");
  const told = [...replay.querySelectorAll("li")].map((item) => item.textContent);
  const [state, controls] = [replay.querySelector("[aria-live]"), replay.querySelector("[role=group]")];
  const [slider, play] = [controls.querySelector("input"), controls.querySelector("[data-to=play]")];
  const last = Number(slider.max);
  let timer = 0;

  const show = (move) => {
    slider.value = Math.min(Math.max(move, 0), last);
    for (const stone of stones) {
      stone.setAttribute("visibility", stone.dataset.move <= Number(slider.value) ? "visible" : "hidden");
    }
    state.textContent = told[slider.value];
    slider.setAttribute("aria-valuetext", state.textContent);
  };
  const pause = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    state.setAttribute("aria-live", "polite");
  };
  const start = () => {
    if (Number(slider.value) === last) show(0);
    play.textContent = "Pause";
    state.setAttribute("aria-live", "off"); // a screen reader could not follow
    timer = setInterval(() => {
      show(Number(slider.value) + 1);
      if (Number(slider.value) === last) pause();
    }, 700);
  };
  const go = {
    first: () => 0,
    back: () => Number(slider.value) - 1,
    next: () => Number(slider.value) + 1,
    last: () => last,
  };

  controls.addEventListener("click", (event) => {
    const to = event.target.dataset.to;
    if (!to) return;
    const playing = timer !== 0;
    pause();
    if (to !== "play") show(go[to]());
    else if (!playing) start();
  });
  slider.addEventListener("input", () => {
    pause();
    show(Number(slider.value));
  });
  controls.hidden = false;
}
