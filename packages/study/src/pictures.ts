/** Everything here needs a chart library and a document to draw into, which are installed only where pictures are wanted. */
export { drawInitializers } from './initializers/draw-initializers.js';
export { drawCurves } from './optimizers/draw-curves.js';
export { drawPaths } from './optimizers/draw-paths.js';
export { drawRates } from './rates/draw-rates.js';
export { drawStrategies } from './strategies/draw-strategies.js';
export { drawTrials } from './tune/draw-trials.js';
export { drawBiasVariance } from './validation/draw-bias-variance.js';
export { drawLearningCurve } from './validation/draw-learning-curve.js';
export { drawSharpness } from './validation/draw-sharpness.js';
