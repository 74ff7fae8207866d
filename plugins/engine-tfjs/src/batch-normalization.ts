import type { Kernels } from '@cultivar/engine';
import * as tf from '@tensorflow/tfjs-core';
import { sumOverPlaces } from './channel-sums.js';

const placesOf = (x: tf.Tensor): number => x.size / x.shape.at(-1)!;

/** h = (x - mean) / sqrt(variance + epsilon), y = gamma h + beta, over the N places of a channel. (Ioffe & Szegedy 2015) */
export const batchNormalization: Kernels['batchNormalization'] = (x, gamma, beta, epsilon) => {
  const places = placesOf(x);
  const mean = tf.div(sumOverPlaces(x), places);
  const centred = tf.sub(x, mean);
  const variance = tf.div(sumOverPlaces(tf.square(centred)), places);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const normalised = tf.mul(centred, inverse);
  return { y: tf.add(tf.mul(normalised, gamma), beta), mean, variance: tf.mul(variance, places / Math.max(places - 1, 1)), saved: [normalised, inverse] };
};

/** dbeta = sum dy, dgamma = sum dy h, dx = gamma / sqrt(variance + epsilon) * (dy - dbeta / N - h dgamma / N). */
export const batchNormalizationGradient: Kernels['batchNormalizationGradient'] = (dy, gamma, saved) => {
  const [h, inverse] = saved as [tf.Tensor, tf.Tensor];
  const places = placesOf(dy);
  const dBeta = sumOverPlaces(dy);
  const dGamma = sumOverPlaces(tf.mul(dy, h));
  const dx = tf.mul(tf.sub(tf.sub(dy, tf.div(dBeta, places)), tf.mul(h, tf.div(dGamma, places))), tf.mul(inverse, gamma));
  return [dx, dGamma, dBeta];
};
