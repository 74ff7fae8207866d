import type { Objective } from '@cultivar/sdk';

/** Rosenbrock's valley in any number of dimensions; minimum 0 at (1, ..., 1). */
export const rosenbrock: Objective = {
  evaluate(x) {
    const gradient = new Float64Array(x.length);
    let value = 0;
    for (let i = 0; i + 1 < x.length; i += 1) {
      const rise = x[i + 1]! - x[i]! ** 2;
      value += 100 * rise ** 2 + (1 - x[i]!) ** 2;
      gradient[i]! += -400 * rise * x[i]! - 2 * (1 - x[i]!);
      gradient[i + 1]! += 200 * rise;
    }
    return { value, gradient };
  },
};

/**
 * Mean multinomial logistic loss + l2 / 2 * sum(kernel^2); the bias is not penalised.
 * Parameters: kernel [F, K] by rows, then bias [K].
 */
export function logisticObjective(features: readonly (readonly number[])[], labels: readonly number[], classes: number, l2: number): Objective {
  const width = features[0]!.length;
  return {
    evaluate(parameters) {
      const gradient = parameters.map((value, index) => (index < width * classes ? l2 * value : 0));
      let value = 0;
      for (let index = 0; index < width * classes; index += 1) value += (l2 / 2) * parameters[index]! ** 2;
      features.forEach((row, image) => {
        const scores = Array.from({ length: classes }, (_, k) => row.reduce((sum, x, j) => sum + x * parameters[j * classes + k]!, parameters[width * classes + k]!));
        const top = Math.max(...scores);
        const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0);
        value += (top + Math.log(total) - scores[labels[image]!]!) / features.length;
        scores.forEach((score, k) => {
          const slope = (Math.exp(score - top) / total - (k === labels[image] ? 1 : 0)) / features.length;
          row.forEach((x, j) => {
            gradient[j * classes + k]! += slope * x;
          });
          gradient[width * classes + k]! += slope;
        });
      });
      return { value, gradient };
    },
    hessianProduct(parameters, vector) {
      const result = vector.map((value, index) => (index < width * classes ? l2 * value : 0));
      for (const row of features) {
        const scored = (own: Float64Array) => Array.from({ length: classes }, (_, k) => row.reduce((sum, x, j) => sum + x * own[j * classes + k]!, own[width * classes + k]!));
        const [scores, change] = [scored(parameters), scored(vector)];
        const top = Math.max(...scores);
        const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0);
        const shares = scores.map((score) => Math.exp(score - top) / total);
        const mean = shares.reduce((sum, share, k) => sum + share * change[k]!, 0);
        shares.forEach((share, k) => {
          const curved = (share * (change[k]! - mean)) / features.length;
          row.forEach((x, j) => {
            result[j * classes + k]! += x * curved;
          });
          result[width * classes + k]! += curved;
        });
      }
      return result;
    },
  };
}
