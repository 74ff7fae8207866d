/**
 * @cultivar/ensemble: several models trained and made one.
 */
export { trainEnsemble, type EnsembleRequest } from './train-ensemble.js';
