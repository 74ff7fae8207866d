import type { Kernels } from '@cultivar/engine';
import * as tf from '@tensorflow/tfjs-core';
import { sumOverPlaces } from './channel-sums.js';
import { rectified, throughRectifier } from './rectifier.js';

const placesOf = (x: tf.Tensor): number => x.size / x.shape.at(-1)!;

/** h = (x - mean) / sqrt(variance + epsilon), y = f(gamma h + beta), over the N places of a channel. (Ioffe & Szegedy 2015) */
export const batchNormalization: Kernels['batchNormalization'] = (x, gamma, beta, epsilon, activation) => {
  const places = placesOf(x);
  const mean = tf.div(sumOverPlaces(x), places);
  const centred = tf.sub(x, mean);
  const variance = tf.div(sumOverPlaces(tf.square(centred)), places);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const normalised = tf.mul(centred, inverse);
  const z = tf.add(tf.mul(normalised, gamma), beta);
  const y = activation === 'linear' ? z : rectified(z, activation);
  return { y, mean, variance: tf.mul(variance, places / Math.max(places - 1, 1)), saved: [normalised, inverse, ...(activation === 'linear' ? [] : [y])] };
};

/** With g = dy f'(y): dbeta = sum g, dgamma = sum g h, dx = gamma / sqrt(variance + epsilon) * (g - dbeta / N - h dgamma / N). */
export const batchNormalizationGradient: Kernels['batchNormalizationGradient'] = (dy, gamma, saved, _epsilon, activation) => {
  const [h, inverse, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
  const g = activation === 'linear' ? dy : throughRectifier(dy, y, activation);
  const places = placesOf(dy);
  const dBeta = sumOverPlaces(g);
  const dGamma = sumOverPlaces(tf.mul(g, h));
  const dx = tf.mul(tf.sub(tf.sub(g, tf.div(dBeta, places)), tf.mul(h, tf.div(dGamma, places))), tf.mul(inverse, gamma));
  return [dx, dGamma, dBeta];
};
