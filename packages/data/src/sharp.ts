/**
 * sharp through its CommonJS entry: its ES modules import JSON, which Node 20.9 cannot read, and of which Node 20.10 and 22.0 print a
 * warning on the user's terminal.
 */
import { createRequire } from 'node:module';
import type sharpModule from 'sharp';

export const sharp = createRequire(import.meta.url)('sharp') as typeof sharpModule;
