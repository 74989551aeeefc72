// The rules of ConnectX, as kaggle_environments has them. A board is Kaggle's: a list of cells, row by row
// from the top, 0 for empty and else the mark of a player; player 1 begins.

/** Return the cell where a stone in `column` comes to lie, -1 if the column is full. */
function landing({ rows, columns }, cells, column) {
  for (let row = rows - 1; row >= 0; row--) {
    const cell = row * columns + column;
    if (cells[cell] === 0) return cell;
  }
  return -1;
}

/** Return the columns that are not full. */
function legalColumns(size, cells) {
  return Array.from({ length: size.columns }, (_, column) => column).filter((column) => landing(size, cells, column) >= 0);
}

/** Return the mark of the player to move. */
function toMove(cells) {
  return 1 + (cells.filter((mark) => mark !== 0).length % 2);
}

/** Return the board after a stone of the player to move in `column`, which must not be full. */
function drop(size, cells, column) {
  const [place, player] = [landing(size, cells, column), toMove(cells)];
  return cells.map((mark, cell) => (cell === place ? player : mark));
}

/** Return the cells of all rows that are long enough to win; none if nobody has won. */
function winningCells({ rows, columns, inarow }, cells) {
  const won = new Set();
  for (const [cell, mark] of cells.entries()) {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    for (const [down, right] of [[0, 1], [1, 0], [1, 1], [1, -1]]) {
      const [lastRow, lastColumn] = [row + down * (inarow - 1), column + right * (inarow - 1)];
      if (mark === 0 || lastRow >= rows || lastColumn < 0 || lastColumn >= columns) continue;
      const line = Array.from({ length: inarow }, (_, step) => cell + step * (down * columns + right));
      if (line.every((each) => cells[each] === mark)) line.forEach((each) => won.add(each));
    }
  }
  return [...won];
}

/** Return whether a game is over, the mark of the winner, 0 if there is none, and the cells that won. */
function outcome(size, cells) {
  const won = winningCells(size, cells);
  return { over: won.length > 0 || !cells.includes(0), winner: won.length ? cells[won[0]] : 0, won };
}

/** Return what the network sees: the stones of `mark`, then those of the opponent. */
function planes(cells, mark) {
  return [...cells.map((each) => Number(each === mark)), ...cells.map((each) => Number(each !== 0 && each !== mark))];
}
