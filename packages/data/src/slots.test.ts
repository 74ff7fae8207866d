import { describe, expect, it } from '@jest/globals';
import { Slots } from './slots.js';

describe('Slots', () => {
  it('never admits more weight than there is, and everything in turn', async () => {
    const slots = new Slots(4);
    let now = 0;
    let most = 0;
    const order: number[] = [];
    const weights = [1, 3, 4, 9, 2, 2, 1, 0, 0.5];
    await Promise.all(weights.map((weight, index) => slots.run(weight, async () => {
      const taken = Math.max(1, Math.min(4, Math.ceil(weight)));
      order.push(index);
      now += taken;
      most = Math.max(most, now);
      await new Promise((resolve) => { setTimeout(resolve, 2); });
      now -= taken;
    })));
    expect(most).toBeLessThanOrEqual(4);
    expect(order).toEqual(weights.map((_, index) => index));
  });

  it('gives slots back after a failure', async () => {
    const slots = new Slots(1);
    await expect(slots.run(1, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    await expect(slots.run(1, () => Promise.resolve('next'))).resolves.toBe('next');
  });
});
