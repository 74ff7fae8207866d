import { count, options, positive, solver, z, type Objective, type Solution, type Solver } from '@cultivar/sdk';
import { solveDefinite } from './cholesky.js';
import { newtonDirection } from './conjugate-gradients.js';
import { strongWolfe, type Trial } from './strong-wolfe.js';
import { dot, largest, scale, sum } from './vector.js';

const schema = z.object({
  dense: z.int().min(0).default(200).describe('Parameters up to which the whole Hessian is written out and solved by Cholesky; above, conjugate gradients'),
  maxIterations: count.default(100).describe('Iterations at most'),
  tolerance: positive.default(1e-7).describe('Done when no component of the gradient is larger than this'),
});

/** As in lbfgs: sufficient decrease and curvature, values in single precision. */
const conditions = { decrease: 1e-4, curvature: 0.9, noise: 1e-6, trials: 20 };

/** Share of the parameters' size that gradients are compared across, where the objective has no Hessian of its own. */
const smallest = Number.EPSILON ** (1 / 3);

/**
 * Newton's method: x <- x - a * H^-1 g, a by a strong-Wolfe line search that tries 1 first. H is solved, never inverted: by
 * Cholesky where it is small, by conjugate gradients on products H v where it is large. Near a minimum the number of right
 * digits doubles at each step.
 *
 * Products are those of the objective, or central differences of its gradient, which want it in double precision. In a direction
 * in which nothing changes (a constant on all biases of a softmax) the solution may wander by the rounding of the products.
 * Source: Nocedal & Wright 2006, "Numerical optimization", sections 3.4 and 7.1.
 */
@solver({
  name: 'newton',
  summary: 'Newton\'s method on the whole batch: the Hessian solved by Cholesky or conjugate gradients, line search',
  reference: 'Nocedal & Wright 2006, Numerical optimization, sections 3.4 and 7.1',
  options: schema,
})
export class Newton implements Solver {
  @options() readonly options!: z.infer<typeof schema>;

  async minimize(objective: Objective, start: Float64Array, limits: { maxIterations?: number; tolerance?: number } = {}): Promise<Solution> {
    const maxIterations = limits.maxIterations ?? this.options.maxIterations;
    const tolerance = limits.tolerance ?? this.options.tolerance;
    let evaluations = 0;
    const evaluate = (parameters: Float64Array) => {
      evaluations += 1;
      return objective.evaluate(parameters);
    };
    let point: Float64Array = start.slice();
    let { value, gradient } = await evaluate(point);
    let iterations = 0;
    while (iterations < maxIterations && !(largest(gradient) <= tolerance)) {
      const here = point;
      const product = async (vector: Float64Array) => objective.hessianProduct?.(here, vector) ?? differences(evaluate, here, vector);
      let direction = here.length <= this.options.dense
        ? solveDefinite(await matrixOf(product, here.length), gradient.map((slope) => -slope))
        : await newtonDirection(product, gradient);
      let slope = dot(gradient, direction);
      if (!(slope < 0)) {
        direction = gradient.map((own) => -own);
        slope = -dot(gradient, gradient);
      }
      const found = await strongWolfe(async (step): Promise<Trial> => {
        const trial = await evaluate(sum(here, step, direction));
        return { step, ...trial, slope: dot(trial.gradient, direction) };
      }, { step: 0, value, slope, gradient }, 1, conditions);
      // Rounding leaves no lower point.
      if (!found) break;
      point = sum(here, found.step, direction);
      ({ value, gradient } = found);
      iterations += 1;
    }
    return { parameters: point, value, iterations, evaluations, converged: largest(gradient) <= tolerance };
  }
}

/** The Hessian, one product for each column; made symmetric against rounding. */
async function matrixOf(product: (vector: Float64Array) => Promise<Float64Array>, size: number): Promise<Float64Array[]> {
  const columns: Float64Array[] = [];
  for (let i = 0; i < size; i += 1) columns.push(await product(new Float64Array(size).fill(1, i, i + 1)));
  return columns.map((column, i) => column.map((value, j) => (value + columns[j]![i]!) / 2));
}

/** H v = (g(x + h v) - g(x - h v)) / 2h */
async function differences(evaluate: Objective['evaluate'], point: Float64Array, vector: Float64Array): Promise<Float64Array> {
  const length = Math.sqrt(dot(vector, vector));
  if (length === 0) return new Float64Array(point.length);
  const h = (smallest * Math.max(1, largest(point))) / length;
  const { gradient: ahead } = await evaluate(sum(point, h, vector));
  const { gradient: behind } = await evaluate(sum(point, -h, vector));
  const change = sum(ahead, -1, behind);
  scale(change, 1 / (2 * h));
  return change;
}
