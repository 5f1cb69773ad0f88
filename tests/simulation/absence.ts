import { makeRandom } from '../../simulators/random.ts';
import { at, fix, type Line, replayed } from '../visit/day.ts';

/**
 * Days on which the van never shows itself at the stop, with holes in its track: where a hole is long enough for it to
 * have come, stayed and gone, nobody may say that the visit was missed (invariant I7). The oracle knows the true holes
 * and the way, nothing of the fold.
 */
const DAYS = 40;
/** The van stands this far away; no road is faster than this. */
const FASTEST_MPS = 36;
const STAY_MS = 180_000;

/** What is wrong with one of the days of a seed, if anything. */
export function absences(seed: number): string | undefined {
  const random = makeRandom(seed).fork('absence');
  for (let day = 0; day < DAYS; day++) {
    const metres = 500 + 8_000 * random.next();
    const holes = Array.from({ length: 1 + Math.floor(3 * random.next()) }, () => {
      const from = at(9, 40) + Math.floor(150 * 60 * random.next()) * 1000;
      return { from, to: from + Math.floor(60 * 60 * random.next()) * 1000 };
    });
    const lines: Line[] = [];
    for (let ms = at(9, 30); ms < at(12, 40); ms += 20_000)
      if (!holes.some(({ from, to }) => from <= ms && ms < to)) lines.push(fix(ms, metres));
    const missed = replayed(lines).find(({ state }) => state === 'missed');
    if (missed && couldHaveCome(lines, metres))
      return `day ${day}: missed at ${missed.at} although ${JSON.stringify(holes)} at ${Math.round(metres)} m`;
  }
  return undefined;
}

/** There and back at the fastest, and a stay between, within what nobody saw of the window from 10 to 12. */
function couldHaveCome(lines: readonly Line[], metres: number): boolean {
  const way = (1000 * (metres - 60)) / FASTEST_MPS;
  const seen = lines.map(({ time }) => Date.parse(time));
  return seen.some((from, i) => {
    const to = seen[i + 1] ?? from;
    const arrived = Math.max(from + way, at(10, 0));
    const gone = Math.min(to - way, at(12, 0));
    return gone - arrived >= 2 * STAY_MS;
  });
}
