/**
 * @cultivar/study: experiments that compare techniques and find settings. Each returns its figures; pictures are drawn from those.
 */
export { chart, type ChartOptions } from './chart/chart.js';
