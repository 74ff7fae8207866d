/** A smooth function of a flat vector, over the whole batch. */
export interface Objective {
  /** Value and gradient; the gradient is a new array, of the length of the parameters. */
  evaluate(parameters: Float64Array): Promise<Evaluation> | Evaluation;
  /** Hessian times a vector at the parameters, for second-order solvers; absent where it is not known. */
  hessianProduct?(parameters: Float64Array, vector: Float64Array): Promise<Float64Array> | Float64Array;
}
export interface Evaluation {
  value: number;
  gradient: Float64Array;
}
export interface Solution {
  parameters: Float64Array;
  value: number;
  iterations: number;
  /** Evaluations of the objective. */
  evaluations: number;
  /** The largest absolute gradient fell below the tolerance. */
  converged: boolean;
}

/** Whole-batch minimisation. */
export interface Solver {
  /** @param start where to begin; not changed. @param limits override the options, for quick inner solves */
  minimize(objective: Objective, start: Float64Array, limits?: { maxIterations?: number; tolerance?: number }): Promise<Solution>;
}
export const Solver = Symbol.for('cultivar:Solver');
