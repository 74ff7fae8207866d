/** A point on the line: how far along, the value and the slope there, and the gradient that the slope came from. */
export interface Trial {
  step: number;
  value: number;
  slope: number;
  gradient: Float64Array;
}

export interface WolfeConditions {
  /** c1: share of the decrease promised by the slope that must be reached, 0 < c1 < c2 < 1. */
  decrease: number;
  /** c2: share of the slope that may be left. */
  curvature: number;
  /** Relative error of the values. Below it values say nothing, and slopes decide. */
  noise: number;
  /** Evaluations at most. */
  trials: number;
}

/**
 * Finds a step that meets the strong Wolfe conditions:
 * value <= value0 + c1 * step * slope0  and  |slope| <= c2 * |slope0|.
 *
 * Nocedal & Wright 2006, "Numerical optimization", algorithm 3.5 (go outwards until a minimum is bracketed) and 3.6 (zoom),
 * steps by cubic interpolation (equation 3.59). Where values differ by less than their own rounding error the first
 * condition is read off the slopes instead, slope <= (2 * c1 - 1) * slope0: Hager & Zhang 2005, "A new conjugate gradient
 * method with guaranteed descent and an efficient line search", equation 4.1.
 * @param at evaluates a step; its value may be infinite or not a number, which counts as too far
 * @param origin the point at step 0, of negative slope
 * @param first step to try first
 * @returns the step, or the best lower point found when the trials ran out, or undefined if no lower point was found
 */
export async function strongWolfe(at: (step: number) => Promise<Trial>, origin: Trial, first: number, conditions: WolfeConditions): Promise<Trial | undefined> {
  const { decrease, curvature, noise, trials } = conditions;
  const level = origin.value + noise * Math.abs(origin.value);
  const lowEnough = (trial: Trial) =>
    trial.value <= origin.value + decrease * trial.step * origin.slope
    || (trial.value <= level && trial.slope <= (2 * decrease - 1) * origin.slope);
  const flatEnough = (trial: Trial) => Math.abs(trial.slope) <= -curvature * origin.slope;

  let low = origin;
  let high: Trial | undefined;
  let step = first;
  for (let count = 0; count < trials; count += 1) {
    const trial = await at(step);
    const good = lowEnough(trial);
    if (good && flatEnough(trial)) return trial;

    const tooFar = !good || (low.step > 0 && trial.value >= low.value);
    if (tooFar) {
      high = trial;
    } else {
      // The minimum lies between the new lowest point and where its slope points down to: the old one, or the far end.
      if (high ? trial.slope * (high.step - low.step) >= 0 : trial.slope >= 0) high = low;
      const before = low;
      low = trial;
      if (!high) {
        step = between(cubicMinimum(before, trial), trial.step + 1.1 * (trial.step - before.step), trial.step + 4 * (trial.step - before.step));
        continue;
      }
    }
    const width = high.step - low.step;
    if (Math.abs(width) <= 1e-12 * Math.max(low.step, high.step)) break;
    step = between(cubicMinimum(low, high), low.step + 0.1 * width, low.step + 0.9 * width);
  }
  return low.step > 0 && low.value < origin.value ? low : undefined;
}

/** Where the cubic through both values and both slopes is lowest; not a number where it has no minimum. */
function cubicMinimum(a: Trial, b: Trial): number {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  return b.step - ((b.step - a.step) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
}

/** The value held between two limits, in either order; their middle where it is not a number. */
function between(value: number, one: number, other: number): number {
  if (!Number.isFinite(value)) return (one + other) / 2;
  return Math.min(Math.max(value, Math.min(one, other)), Math.max(one, other));
}
