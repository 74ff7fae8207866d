/** @cultivar/sdk/internal: what our own packages share. Plugins import `@cultivar/sdk`; nothing here is promised to them. */
export * from './bounded-json.js';
export * from './regular-file.js';
