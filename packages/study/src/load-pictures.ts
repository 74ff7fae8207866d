import { failure } from '@cultivar/sdk';

/** What draws: functions that make standalone SVGs of the figures of a study. */
export type Pictures = typeof import('./pictures.js');

/** What pictures are drawn with; no other part of Cultivar needs them. */
const libraries = ['@observablehq/plot', 'linkedom'];

/**
 * Loads what draws. A study that will want pictures asks for them before it starts.
 * @throws CultivarError PICTURES_MISSING, naming the command that installs the libraries
 */
export async function loadPictures(load: () => Promise<Pictures> = () => import('./pictures.js')): Promise<Pictures> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    if (!libraries.some((library) => message.includes(library))) throw error;
    throw failure('PICTURES_MISSING', { libraries: libraries.join(' ') }, error);
  }
}
