import type { TensorData } from '@cultivar/sdk';
import { atTemperature, fitTemperature } from '../evaluation/temperature.js';
import type { ImageSet } from '../features/image-set.js';
import { dividedBy, type Head } from '../head.js';

/**
 * A model that was trained by steps, as sure of its answers as it may be: its head at the temperature that suits the images it is measured with. On its
 * own training images that cannot be told, and it stays as it is.
 * @param probabilities of the images that the model is measured with, [N, K]
 */
export function calibrated(head: Head, probabilities: TensorData, images: ImageSet): { head: Head; probabilities: TensorData } {
  const { indices, split } = images.measured;
  const temperature = split === 'train' ? 1 : fitTemperature(probabilities, images.labelsOf(indices));
  return { head: dividedBy(head, temperature), probabilities: atTemperature(probabilities, temperature) };
}
