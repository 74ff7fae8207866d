import { describe, expect, it } from '@jest/globals';
import { loadPictures } from './load-pictures.js';

const missing = (name: string) => async () => { throw Object.assign(new Error(`Cannot find package '${name}' imported from /somewhere/chart.js`), { code: 'ERR_MODULE_NOT_FOUND' }); };

describe('what draws', () => {
  it('is loaded where the libraries are there', async () => {
    expect(Object.keys(await loadPictures())).toContain('drawRates');
  });

  it.each(['@observablehq/plot', 'linkedom'])('says in one sentence how to get %s', async (name) => {
    await expect(loadPictures(missing(name))).rejects.toMatchObject({ code: 'PICTURES_MISSING', mend: expect.stringContaining('npm install @observablehq/plot linkedom') });
  });

  it('hides no other error', async () => {
    await expect(loadPictures(missing('something-else'))).rejects.toThrow('something-else');
  });
});
