import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { distance, instance } from '../../../test/conformance/instance.js';
import { Cyclic } from './cyclic.js';

describe('cyclic', () => {
  followsItsScheduler('cyclic', (options) => instance(Cyclic, options));

  it('stands on the floor at the foot of each triangle, the last one included', () => {
    const schedule = instance(Cyclic, { cycles: 2, floor: 0.2, shrink: 0.5 });
    expect(distance([0, 0.25, 0.5, 0.75, 1].map((position) => schedule.at(position)), [0.2, 1, 0.2, 0.6, 0.2])).toBeLessThan(1e-12);
  });
});
