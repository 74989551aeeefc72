// Greedy and beam search with the same result as `generate` of Hugging Face's transformers.
const LOW = -1e9; // the score of excluded candidates, as in transformers

function logSoftmax(scores) {
  let most = -Infinity;
  for (const score of scores) if (score > most) most = score;
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - most);
  const shift = most + Math.log(sum);
  return Float64Array.from(scores, (score) => score - shift);
}

/** Return the indices of the `count` highest scores, the highest first. */
function topIndices(scores, count) {
  const found = [];
  for (let index = 0; index < scores.length; index++) {
    if (found.length === count && !(scores[index] > scores[found[count - 1]])) continue;
    let at = found.length;
    while (at > 0 && scores[index] > scores[found[at - 1]]) at--;
    found.splice(at, 0, index);
    if (found.length > count) found.pop();
  }
  return found;
}

/** Apply the settings' constraints to the scores of the token after `ids`, in place; return them. */
function constrain(scores, ids, { ngram, banned, forced, renormalize }) {
  if (ngram > 0 && ids.length + 1 >= ngram) {
    const last = ids.slice(ids.length - ngram + 1);
    for (let at = 0; at + ngram <= ids.length; at++) {
      if (last.every((id, k) => ids[at + k] === id)) scores[ids[at + ngram - 1]] = -Infinity;
    }
  }
  for (const id of banned) scores[id] = -Infinity;
  if (forced !== null && ids.length === 1) scores.fill(-Infinity)[forced] = 0;
  return renormalize ? logSoftmax(scores) : scores;
}

/** Return a hypothesis with one more token, its probability, and the most probable alternatives. */
function longer(one, id, score, logs, parent) {
  const others = topIndices(logs, 5).map((other) => ({ id: other, probability: Math.exp(logs[other]) }));
  return { ids: [...one.ids, id], score, parent, trace: [...one.trace, { id, probability: Math.exp(logs[id]), others }] };
}

/**
 * Return the best hypothesis, `{ids, trace}`; `ids` begin with the start token.
 *
 * `step(tokens, parents)` returns the logits of the next token of each beam, concatenated. `told` is called with
 * the best running beam after each step, and stops the search by returning true.
 */
async function search(step, settings, limit, told) {
  const { beams, penalty, early, ends, start } = settings;
  const ended = (id, length) => ends.includes(id) || length > limit;
  let running = Array.from({ length: beams }, (_, index) => ({ ids: [start], score: index ? LOW : 0, parent: 0, trace: [] }));
  let finished = running.map(() => ({ score: LOW, done: false }));
  for (let length = 1; ; length++) {
    const logits = await step(running.map(({ ids }) => ids.at(-1)), running.map(({ parent }) => parent));
    const size = logits.length / beams;
    const logs = running.map((_, index) => logSoftmax(logits.subarray(index * size, (index + 1) * size)));
    const scores = running.map(({ ids }, index) => constrain(logs[index].slice(), ids, settings));
    const grow = (index, id) => longer(running[index], id, running[index].score + scores[index][id], logs[index], index);
    if (beams === 1) {
      running = [grow(0, topIndices(scores[0], 1)[0])];
      if (ended(running[0].ids.at(-1), length + 1) || told(running[0])) return running[0];
      continue;
    }
    // The best of all beams are among the best of each beam.
    const count = Math.max(2, 1 + ends.length) * beams;
    const some = running.flatMap(({ score }, index) => topIndices(scores[index], count).map((id) => ({ index, id, total: score + scores[index][id] })));
    const best = topIndices(some.map(({ total }) => total), count).map((at) => grow(some[at].index, some[at].id));
    const stops = best.map(({ ids }) => ended(ids.at(-1), length + 1));
    const full = early && finished.every(({ done }) => done);
    const kept = topIndices(best.map(({ score }, at) => score + (stops[at] ? LOW : 0)), beams);
    running = kept.map((at) => ({ ...best[at], score: best[at].score + (stops[at] ? LOW : 0) }));
    const candidates = best.map((one, at) => {
      const done = stops[at] && at < beams;
      return { ...one, done, score: one.score / length ** penalty + (full ? LOW : 0) + (done ? 0 : LOW) };
    });
    const merged = [...finished, ...candidates];
    finished = topIndices(merged.map(({ score }) => score), beams).map((at) => merged[at]);
    const worst = Math.min(...finished.map(({ score }) => score));
    const hope = running[0].score / length ** penalty;
    const open = finished.some(({ done }) => hope > (done ? worst : LOW));
    if (!open || (early && finished.every(({ done }) => done)) || stops.every(Boolean)) return finished[0];
    if (told(running[0])) return running[0];
  }
}
