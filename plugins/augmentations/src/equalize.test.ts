import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { instance } from '../../../test/conformance/instance.js';
import { changed, expectHalfChanged, record } from '../../../test/conformance/operations.js';
import { Equalize } from './equalize.js';

describe('equalize', () => {
  it('is torchvision to the bit', () => {
    const { shape, bytes, equalized } = record.equalize;
    const { images } = changed(instance(Equalize, { probability: 1 }), createRandom(0), { images: bytes.map((byte) => byte / 255), shape });
    expect([...images].map((value) => Math.round(value * 255))).toEqual(equalized);
  });

  it('changes half of the images, the others not at all', () => {
    expectHalfChanged(instance(Equalize), [0.5, 0.5, 0.5]);
  });
});
