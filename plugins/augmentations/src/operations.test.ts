import { describe, expect, it } from '@jest/globals';
import { operationsAt } from './operations.js';

const extent = { shear: 0.3, translate: 150 / 331, rotate: 30, colour: 0.9, bitsLost: 4 };

describe('the operations of rand-augment', () => {
  it('go as far as torchvision at magnitude 9 of 30', () => {
    const named = (name: string) => operationsAt(0.3, extent, 0.5).filter(([first]) => first?.name === name).map(([first]) => first!);
    expect(named('rotate')[0]).toMatchObject({ degrees: [9, 9] });
    expect(named('solarize')[0]!['threshold']).toBeCloseTo(0.7, 10);
    expect(named('posterize')[0]).toMatchObject({ bits: 7 });
    expect(named('color-jitter').map(({ brightness, contrast, saturation }) => [brightness, contrast, saturation])).toEqual([[0, 0, [1.27, 1.27]], [0, [1.27, 1.27], 0], [[1.27, 1.27], 0, 0]]);
    const [shearX] = named('affine');
    expect(Math.tan(((shearX!['shearX'] as number[])[0]! * Math.PI) / 180)).toBeCloseTo(0.09, 10);
    expect((named('affine')[2]!['translateX'] as number[])[0]).toBeCloseTo((0.3 * 150) / 331, 10);
  });
});
