/** A function of two variables to go down on. */
export interface Surface {
  name: string;
  /** As it is written. */
  formula: string;
  value: (x: number, y: number) => number;
  slope: (x: number, y: number) => [number, number];
  start: [number, number];
  steps: number;
  /** What is drawn: [left, right, bottom, top]. */
  frame: [number, number, number, number];
  /** Values whose contours are drawn. */
  levels: readonly number[];
  /** By optimizer: of the lecture where there are any, else such that a path can be followed by eye. Those of others are searched for. */
  rates: Readonly<Record<string, number>>;
}

/** For wells some two wide. */
const gentle = {
  sgd: 0.05, momentum: 0.02, nesterov: 0.02, adagrad: 0.4, adadelta: 1, rmsprop: 0.05, adam: 0.1, adamw: 0.1, nadam: 0.1, adamax: 0.1, lion: 0.05, polyak: 0.1, lookahead: 0.2,
};

/**
 * The lecture's ravine (its gradient points past the minimum), a saddle (its gradient along y vanishes at the start), and a
 * tilted double well (the nearer minimum is the higher one).
 * Source of the ravine and of its first four rates: Saitoh 2016, "Deep learning from scratch", section 6.1.
 */
export const surfaces: readonly Surface[] = [
  {
    name: 'ravine', formula: 'x²/20 + y²',
    value: (x, y) => x ** 2 / 20 + y ** 2,
    slope: (x, y) => [x / 10, 2 * y],
    start: [-7, 2], steps: 30, frame: [-10, 10, -5, 5], levels: [0.25, 1, 2.5, 5, 10, 15, 20, 25],
    rates: {
      sgd: 0.95, momentum: 0.1, adagrad: 1.5, adam: 0.3,
      nesterov: 0.1, adadelta: 1, rmsprop: 0.5, adamw: 0.3, nadam: 0.3, adamax: 0.5, lion: 0.3, polyak: 0.3, lookahead: 0.5,
    },
  },
  {
    name: 'saddle', formula: 'x² - y² + y⁴/4',
    value: (x, y) => x ** 2 - y ** 2 + y ** 4 / 4,
    slope: (x, y) => [2 * x, y ** 3 - 2 * y],
    start: [-1.5, 0.001], steps: 60, frame: [-2, 2, -2, 2], levels: [-0.9, -0.5, -0.15, 0, 0.5, 1, 2, 3],
    rates: gentle,
  },
  {
    name: 'local-minimum', formula: '(x² - 1)²/2 + 0.3x + y²/2',
    value: (x, y) => (x ** 2 - 1) ** 2 / 2 + 0.3 * x + y ** 2 / 2,
    slope: (x, y) => [2 * x * (x ** 2 - 1) + 0.3, y],
    start: [2, 1.2], steps: 100, frame: [-2.2, 2.2, -1.6, 1.6], levels: [-0.25, 0, 0.3, 0.4, 0.515, 1, 2, 4, 7],
    rates: gentle,
  },
];
