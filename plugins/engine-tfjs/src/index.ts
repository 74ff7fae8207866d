/** The generic engine: any network on whatever tfjs backend is there. */
import { definePlugin } from '@cultivar/sdk';
import { TfjsEngine } from './tfjs-engine.js';

export { TfjsEngine } from './tfjs-engine.js';
export { readyBackend, type BackendName } from './backend.js';

export default definePlugin({ name: '@cultivar/engine-tfjs', contributions: [TfjsEngine] });
