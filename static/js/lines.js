// The lines of a log as far as this page has them. The store is sparse: chunks may be partial, and
// a line that is missing when it is looked at asks for its chunk again.
import { plain } from "./ansi.js";

const CHUNK = 500, CHUNKS = 40, MOST = 2000, AGAIN = 1000;
const GONE = [401, 403, 404, 410];

export class Lines {
  /** `url` is the run's page; `changed` is called when lines came, or can come no more. */
  constructor(url, changed) {
    Object.assign(this, { url, changed, total: 0, lost: 0, chunks: new Map(), pending: new Set() });
  }

  /** One line as [text, ms], or undefined while it is on its way. */
  get(line) {
    const number = Math.floor(line / CHUNK), chunk = this.chunks.get(number);
    if (chunk) {
      this.chunks.delete(number); // back to the end of the map: the least recently used come first
      this.chunks.set(number, chunk);
    }
    if (!chunk?.[line % CHUNK]) this.load(number);
    return chunk?.[line % CHUNK];
  }

  /** Write lines from number `from`; `marks` are [first line, ms]. Overlaps say the same again. */
  put(from, texts, marks, total = 0) {
    let mark = 0;
    texts.forEach((text, i) => {
      while (marks[mark + 1]?.[0] <= from + i) mark++;
      const number = Math.floor((from + i) / CHUNK);
      if (!this.chunks.has(number)) this.chunks.set(number, []);
      this.chunks.get(number)[(from + i) % CHUNK] = [text, marks[mark]?.[1]];
    });
    this.total = Math.max(this.total, total, from + texts.length);
    while (this.chunks.size > CHUNKS) this.chunks.delete(this.chunks.keys().next().value);
  }

  /** Fetch a chunk: one request at a time for each, again after a second if it fell short. */
  async load(number) {
    if (this.pending.has(number) || this.lost) return;
    this.pending.add(number);
    let wait = AGAIN;
    try {
      const answer = await this.ask(`lines?from=${number * CHUNK}&count=${CHUNK}`);
      this.put(answer.from, answer.l, answer.t, answer.total);
      if (answer.l.length >= Math.min(CHUNK, answer.total - answer.from)) wait = 0;
    } catch { /* asked again when it is looked at after the wait */ }
    setTimeout(() => this.pending.delete(number) && this.changed(), wait);
    this.changed();
  }

  /** Look at the end of the log, where `total` may have grown. */
  tail() {
    return this.load(Math.floor(Math.max(0, this.total - 1) / CHUNK));
  }

  /** JSON of an address below the run; a refusal that stays is kept in `lost`. */
  async ask(path) {
    const answer = await fetch(`${this.url}/${path}`);
    if (GONE.includes(answer.status)) this.lost = answer.status;
    if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status });
    return answer.json();
  }

  /** The plain text of lines from…to, also of those that are not here. */
  async text(from, to) {
    const parts = [];
    while (parts.length <= to - from) {
      const at = from + parts.length;
      const { l } = await this.ask(`lines?from=${at}&count=${Math.min(MOST, to - at + 1)}`);
      if (!l.length) break;
      parts.push(...l.map(plain));
    }
    return parts.join("\n");
  }
}
