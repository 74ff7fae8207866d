/**
 * @cultivar/study: experiments that compare techniques and find settings. Each returns its figures; pictures are drawn from those.
 */
export { chart, type ChartOptions } from './chart/chart.js';
export { contactSheet, type ContactSheet } from './preview/contact-sheet.js';
export { preview, type Preview, type PreviewRequest } from './preview/preview.js';
