/** @cultivar/solvers: minimisation over the whole batch. One file for each. */
import { definePlugin } from '@cultivar/sdk';
import { LBFGS } from './lbfgs.js';
import { Newton } from './newton.js';

export { LBFGS, Newton };
export default definePlugin({ name: '@cultivar/solvers', contributions: [LBFGS, Newton] });
