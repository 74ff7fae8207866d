/** @cultivar/sdk/internal: what our own packages share. Plugins import `@cultivar/sdk`; nothing here is promised to them. */
/** The kernel's containers are those that the decorators speak of: one copy of inversify. */
export { Container } from 'inversify';
export * from './atomic-file.js';
export * from './bounded-json.js';
export * from './download.js';
export * from './folder-lock.js';
export * from './megabytes.js';
export * from './printable.js';
export * from './regular-file.js';
export * from './sealed-json.js';
export * from './system-reason.js';
