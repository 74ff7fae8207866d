import { dataType } from '../../onnx/schema.js';
import { int } from '../../onnx/graph.js';
import type { Tape } from '../tape.js';
import { channels, inGroups, type Traced } from '../traced.js';
import { absolute, everyChannel, perChannel, steep } from './blocked.js';

/**
 * 1 where 0 < y < ceiling, else 0, for a rectified y (0 <= y <= ceiling). A steep clipped line is twice as fast as to compare
 * and cast: min(max(10^37 y, 0), 1). With a ceiling the line falls with |y - ceiling / 2|, its slope a power of two such that
 * the nearest number below the ceiling still gives 1.
 */
export function withinRectifier(y: Traced, ceiling: number, tape: Tape): string {
  if (ceiling === Number.POSITIVE_INFINITY) return tape.add('HardSigmoid', [y.name], steep(1e37, 0));
  const middle = ceiling / 2;
  if (!inGroups(y) || Math.fround(middle) !== middle) {
    const inside = tape.add('And', [tape.add('Greater', [y.name, tape.scalar(0)]), tape.add('Less', [y.name, tape.scalar(ceiling)])]);
    return tape.add('Cast', [inside], { to: int(dataType.float) });
  }
  const count = tape.wholeGroups(channels(y));
  const shift = tape.once(`minus ${middle} ${count}`, () => tape.constant(new Float32Array(count).fill(-middle), [count], 'middle'));
  const distance = perChannel(y.name, everyChannel(1, count, tape), shift, count, absolute, tape);
  const slope = 2 ** (25 - Math.floor(Math.log2(ceiling)));
  return tape.add('HardSigmoid', [distance], steep(-slope, slope * middle));
}

/** dx = dy where 0 < y < ceiling. */
export function throughRectifier(dy: Traced, y: Traced, ceiling: number, tape: Tape): Traced {
  return { ...y, name: tape.add('Mul', [tape.lay(dy, y.layout).name, withinRectifier(y, ceiling, tape)]) };
}
