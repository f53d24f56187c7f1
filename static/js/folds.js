// What is folded away. Rows are the lines that are left: of a folded section only its first.
export class Folds {
  closed = new Set(); // ids of sections
  ranges = []; // hidden lines, merged: [first, last, how many lines are hidden before]
  hidden = 0; // lines in all

  /** `sections` is a map of all of them, which may grow. */
  constructor(sections) {
    this.sections = sections;
  }

  /** Fold the sections with these ids, and no other. */
  apply(ids) {
    Object.assign(this, { closed: new Set(ids), ranges: [], hidden: 0 });
    const folded = [...this.closed].map((id) => this.sections.get(id));
    let end = -1;
    for (const { from, to } of folded.sort((a, b) => a.from - b.from)) {
      const first = Math.max(from, end) + 1;
      if (to < first) continue;
      this.ranges.push([first, to, this.hidden]);
      this.hidden += to - first + 1;
      end = to;
    }
  }

  /** The last range that begins at a line or before; with `skipped` at a row or before. */
  before(place, skipped) {
    let low = -1;
    let high = this.ranges.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const [first, , hidden] = this.ranges[middle];
      if (first - (skipped && hidden) <= place) low = middle;
      else high = middle;
    }
    return this.ranges[low] ?? [0, -1, 0];
  }

  /** The row of a line; of a hidden one that of its section. */
  row(line) {
    const [first, last, hidden] = this.before(line, 0);
    return Math.max(line - last, 0) + first - 1 - hidden;
  }

  line(row) {
    const [first, last, hidden] = this.before(row, 1);
    return row + hidden + last - first + 1;
  }

  /** Open what hides a line; whether there was anything. */
  reveal(line) {
    if (line > this.before(line, 0)[1]) return false;
    for (const id of this.closed) {
      const { from, to } = this.sections.get(id);
      if (from < line && line <= to) this.closed.delete(id);
    }
    this.apply(this.closed);
    return true;
  }
}
