import * as tf from '@tensorflow/tfjs-core';
import { initializer, options, positive, z, type Initializer, type Random } from '@cultivar/sdk';

const schema = z.object({
  gain: positive.default(1).describe('Length of each row or column; sqrt(2) in front of a relu'),
});

/**
 * W = gain * Q, the shorter of rows and columns orthonormal, drawn evenly among all such matrices; a kernel of
 * more than two dimensions is one matrix [all but the last, last]. A deep linear network keeps lengths exactly.
 *
 * A matrix of normal numbers, its vectors made orthonormal one after the other (Gram-Schmidt, twice over against rounding).
 * Source: Saxe, McClelland & Ganguli 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear networks".
 */
@initializer({
  name: 'orthogonal',
  summary: 'A random rotation: rows or columns of one length, at right angles',
  reference: 'Saxe, McClelland & Ganguli 2014, Exact solutions to the nonlinear dynamics of learning in deep linear networks',
  options: schema,
})
export class Orthogonal implements Initializer {
  @options() readonly options!: z.infer<typeof schema>;

  create(shape: number[], { random }: { fanIn: number; fanOut: number; random: Random }): tf.Tensor {
    const columns = shape.at(-1) ?? 1;
    const rows = tf.util.sizeFromShape(shape) / columns;
    const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
    const vectors = orthonormal(count, length, random);
    const values = new Float32Array(rows * columns);
    vectors.forEach((vector, index) => vector.forEach((value, at) => {
      values[rows < columns ? index * columns + at : at * columns + index] = this.options.gain * value;
    }));
    return tf.tensor(values, shape, 'float32');
  }
}

/** `count` vectors of a length of at least `count`, at right angles to each other. */
function orthonormal(count: number, length: number, random: Random): Float64Array[] {
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const other of [...vectors, ...vectors]) {
      const along = dot(vector, other);
      for (let i = 0; i < length; i += 1) vector[i]! -= along * other[i]!;
    }
    const size = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((value) => value / size));
  }
  return vectors;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
