import { definePlugin } from '@cultivar/sdk';
import { FreshHead } from './rates/fresh-head.js';

/** What studies bring to the kernel that they are given: `createKernel({ plugins: [..., studyPlugin] })`. */
export default definePlugin({ name: '@cultivar/study', contributions: [FreshHead] });
