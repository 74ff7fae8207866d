import type { Random } from '@cultivar/sdk';

const unused = (): never => { throw new Error('not drawn in these tests'); };

/** A small seeded generator (mulberry32), so that this room's tests need no other room. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const integer = (limit: number) => Math.floor(uniform() * limit);
  return {
    uniform,
    integer,
    normal: unused,
    beta: unused,
    seed: () => integer(2 ** 31),
    permutation(length) {
      const order = Array.from({ length }, (_, index) => index);
      for (let last = length - 1; last > 0; last -= 1) {
        const other = integer(last + 1);
        [order[last], order[other]] = [order[other]!, order[last]!];
      }
      return order;
    },
    child: (name) => seededRandom([...`${seed}/${name}`].reduce((hash, letter) => Math.imul(hash ^ letter.codePointAt(0)!, 16777619), 2166136261)),
  };
}
