// The search of `compete/tasks/simulation/search/connectx.py`, which a submission ships, function by function:
// negamax with alpha-beta on bitboards, a transposition table and iterative deepening. A position is two
// integers: `stones` of the player to move, and `mask` of both players.

const [EXACT, LOWER, UPPER] = [1, 2, 3];
const LIMIT_CHECK = 64; // positions between two looks at the clock

/** Return the squares that complete four of `stones`, also squares that are taken or outside. */
function spots(stones, height) {
  let found = (stones << 1n) & (stones << 2n) & (stones << 3n);
  for (const step of [height - 1n, height, height + 1n]) {
    const twice = 2n * step, thrice = 3n * step;
    let pair = (stones << step) & (stones << twice);
    found |= pair & ((stones << thrice) | (stones >> step));
    pair = (stones >> step) & (stones >> twice);
    found |= pair & ((stones >> thrice) | (stones << step));
  }
  return found;
}

function countBits(bits) {
  let count = 0;
  for (; bits; bits &= bits - 1n) count += 1;
  return count;
}

/** Chooses moves; the settings are those of the Python module. */
class Search {
  constructor({ rows, columns }, { weights, win, decided, tableSize, valueWeight }) {
    Object.assign(this, { rows, columns, weights, win, decided, valueWeight });
    this.height = BigInt(rows + 1);
    this.tableSize = BigInt(tableSize);
    const all = Array.from({ length: columns }, (_, column) => BigInt(column) * this.height);
    this.bottom = all.reduce((bits, shift) => bits | (1n << shift), 0n);
    this.full = this.bottom * ((1n << BigInt(rows)) - 1n);
    this.odd = 0n;
    for (let row = 0; row < rows; row += 2) this.odd |= this.bottom << BigInt(row);
    this.middle = ((1n << BigInt(rows)) - 1n) << all[Math.floor(columns / 2)];
    this.files = all.map((shift) => ((1n << this.height) - 1n) << shift); // all squares of a column
    // From the centre outwards: as the moves of a position are sorted, and as those of the root are.
    this.outwards = all.map((_, turn) => Math.floor(columns / 2) + (1 - 2 * (turn % 2)) * Math.floor((turn + 1) / 2));
    this.central = all.map((_, column) => column).sort((a, b) => Math.abs(2 * a + 1 - columns) - Math.abs(2 * b + 1 - columns));
  }

  /** Return `[stones, mask]` of Kaggle's board for the player `mark`. */
  read(cells, mark) {
    let [stones, mask] = [0n, 0n];
    for (const [cell, each] of cells.entries()) {
      const row = this.rows - 1 - Math.floor(cell / this.columns);
      const bit = 1n << (BigInt(cell % this.columns) * this.height + BigInt(row));
      if (each !== 0) mask |= bit;
      if (each === mark) stones |= bit;
    }
    return [stones, mask];
  }

  /** Return what the weights make of an undecided position, for the player to move. */
  evaluate(stones, mask, played) {
    const isFirst = played % 2 === 0;
    const [first, second] = isFirst ? [stones, mask ^ stones] : [mask ^ stones, stones];
    const empty = this.full ^ mask;
    const threats = spots(first, this.height) & empty;
    const answers = spots(second, this.height) & empty;
    const score =
      this.weights[0] * countBits(threats & this.odd) +
      this.weights[1] * countBits(threats & ~this.odd) +
      this.weights[2] * countBits(answers & this.odd) +
      this.weights[3] * countBits(answers & ~this.odd) +
      this.weights[4] * (countBits(first & this.middle) - countBits(second & this.middle));
    return isFirst ? score : -score;
  }

  /** Return the score for the player to move, who must not be able to win at once; outside `(alpha, beta)` a bound. */
  negamax(stones, mask, played, alpha, beta, depth) {
    this.nodes += 1;
    if (this.nodes % LIMIT_CHECK === 0 && performance.now() > this.deadline) this.stopped = true;
    if (this.stopped) return 0;
    const { height, full, win, decided } = this;
    const left = this.rows * this.columns - played;
    const danger = spots(mask ^ stones, height) & (full ^ mask);
    let moves = (mask + this.bottom) & full;
    const forced = moves & danger;
    if (forced) {
      if (forced & (forced - 1n)) return played + 2 - win;
      moves = forced;
      depth += 1; // the only move costs no depth
    }
    moves &= ~(danger >> 1n); // a stone below a square where the opponent wins
    if (left === 0) return 0;
    if (!moves) return played + 2 - win;
    if (left <= 2) return 0;
    beta = Math.min(beta, win - (played + 3));
    alpha = Math.max(alpha, played + 4 - win);
    if (alpha >= beta) return alpha;
    if (depth <= 0) return this.evaluate(stones, mask, played);
    depth = Math.min(depth, left);

    const key = stones + mask, place = Number(key % this.tableSize);
    const entry = this.table.get(place);
    let bestColumn = -1;
    if (entry?.key === key) {
      bestColumn = entry.column;
      const deep = entry.depth >= depth; // what is proven holds at any depth
      if (entry.kind === EXACT && (deep || Math.abs(entry.value) >= decided)) return entry.value;
      if (entry.kind === LOWER && entry.value >= beta && (deep || entry.value >= decided)) return entry.value;
      if (entry.kind === UPPER && entry.value <= alpha && (deep || entry.value <= -decided)) return entry.value;
    }

    // Sort the moves: the table's, then by threats made, then from the centre outwards.
    const sorted = [];
    for (const column of this.outwards) {
      const move = moves & this.files[column];
      if (!move) continue;
      let rank = 0;
      if (column === bestColumn) rank = 1000;
      else if (depth > 1) rank = countBits(spots(stones | move, height) & (full ^ mask));
      sorted.push({ column, move, rank });
    }
    sorted.sort((a, b) => b.rank - a.rank);

    let [best, kind] = [-2 * win, UPPER];
    for (const [index, { column, move }] of sorted.entries()) {
      const after = mask | move;
      const low = index === 0 ? -beta : -alpha - 1;
      let value = -this.negamax(mask ^ stones, after, played + 1, low, -alpha, depth - 1);
      if (index > 0 && alpha < value && value < beta) {
        value = -this.negamax(mask ^ stones, after, played + 1, -beta, -alpha, depth - 1);
      }
      if (this.stopped) return 0;
      if (value > best) [best, bestColumn] = [value, column];
      if (best > alpha) [alpha, kind] = [best, EXACT];
      if (alpha >= beta) {
        kind = LOWER;
        break;
      }
    }
    this.table.set(place, { key, value: best, depth, column: bestColumn, kind });
    return best;
  }

  /** Return the score of any position for the player to move. */
  value(stones, mask, alpha, beta, depth) {
    const played = countBits(mask);
    if ((mask + this.bottom) & this.full & spots(stones, this.height)) return this.win - (played + 1);
    return this.negamax(stones, mask, played, alpha, beta, depth);
  }

  /**
   * Return the best move as `{column, score, depth, nodes}`.
   *
   * The network leads it: `logits` are those of each column, `afterwards` by column its value for the opponent after a
   * move there, which adds to the score of what is not decided. It ends at `depth`, or after so many `milliseconds`.
   */
  find(cells, mark, { logits, afterwards, depth: most = 63, milliseconds = Infinity }) {
    const [stones, mask] = this.read(cells, mark);
    const theirs = mask ^ stones, played = countBits(mask);
    Object.assign(this, { nodes: 0, stopped: false, deadline: performance.now() + milliseconds, table: new Map() });
    const bonus = (column) => Math.round(-this.valueWeight * afterwards[column]);
    const move = (column) => (mask + this.bottom) & this.full & this.files[column];
    const [wins, threats] = [stones, theirs].map((own) => spots(own, this.height));
    let columns = this.central.filter(move);
    const winning = columns.find((column) => move(column) & wins);
    if (winning !== undefined) return { column: winning, score: this.win - played - 1, depth: 1, nodes: 0 };
    // Where the opponent would win, nothing else comes into question.
    const urgent = columns.filter((column) => move(column) & threats);
    columns = (urgent.length ? urgent : columns).sort((a, b) => logits[b] - logits[a]);
    let found = { column: columns[0], score: 0, depth: 0 };
    for (let depth = 1; depth <= Math.min(most, this.rows * this.columns - played); depth++) {
      const best = this.bestMove(theirs, mask, columns, move, bonus, depth);
      if (best) {
        found = { ...best, depth: depth - Number(this.stopped) };
        columns = [best.column, ...columns.filter((column) => column !== best.column)];
      }
      if (this.stopped || Math.abs(found.score) >= this.decided || columns.length === 1) break;
    }
    return { ...found, nodes: this.nodes };
  }

  /** Return the best move, of those searched before the time was over, and its score. */
  bestMove(theirs, mask, columns, move, bonus, depth) {
    let [best, alpha] = [null, -this.win];
    for (const column of columns) {
      const after = mask | move(column);
      // What the score must exceed before its bonus; a proven score gets none.
      const floor = Math.abs(alpha) >= this.decided ? alpha : alpha - bonus(column);
      let score = -this.value(theirs, after, best ? -floor - 1 : -this.win, -floor, depth - 1);
      if (best && score > floor && !this.stopped) score = -this.value(theirs, after, -this.win, -floor, depth - 1);
      if (this.stopped) break;
      if (Math.abs(score) < this.decided) score += bonus(column);
      if (best === null || score > alpha) [best, alpha] = [{ column, score }, score];
    }
    return best;
  }
}
