import { describe, expect, it } from '@jest/globals';
import { isImageTensor, pixelsOfTensor, type ImageTensor } from './image-input.js';

const tensor = (values: number[], dtype: string, shape = [1, values.length / 3, 3]): ImageTensor => ({ shape, dtype, data: async () => values });

describe('images given as tensors', () => {
  it('int32 counts from 0 to 255', async () => {
    const { pixels, height, width } = await pixelsOfTensor(tensor([0, 128, 255, 1, 2, 3], 'int32'));
    expect([...pixels]).toEqual([0, 128, 255, 1, 2, 3]);
    expect([height, width]).toEqual([1, 2]);
  });

  it('float32 counts from 0 to 1', async () => {
    const { pixels } = await pixelsOfTensor(tensor([0, 0.5, 1.0001], 'float32'));
    expect([...pixels]).toEqual([0, 128, 255]);
  });

  it.each([
    ['float values of 0..255', tensor([0, 128, 255], 'float32'), 'divide by 255'],
    ['int32 above 255', tensor([0, 128, 256], 'int32'), 'from 0 to 255'],
    ['no number', tensor([0, Number.NaN, 1], 'float32'), 'one is NaN'],
    ['a batch', tensor([0, 0, 0], 'float32', [1, 1, 1, 3]), '[1, 1, 1, 3]'],
    ['grey', tensor([0, 0, 0], 'float32', [1, 3, 1]), 'not [height, width, 3]'],
    ['booleans', tensor([0, 0, 0], 'bool'), 'its type is bool'],
  ])('refuses %s', async (_, input, reason) => {
    await expect(pixelsOfTensor(input)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE', message: expect.stringContaining(reason) });
  });

  it('are told from paths and bytes', () => {
    expect(isImageTensor('cat.jpg')).toBe(false);
    expect(isImageTensor(Buffer.from('x'))).toBe(false);
    expect(isImageTensor(tensor([0, 0, 0], 'int32'))).toBe(true);
  });
});
