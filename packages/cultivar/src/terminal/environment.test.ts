import { describe, expect, it } from '@jest/globals';
import { misspelledVariables } from './environment.js';

describe('environment variables', () => {
  it.each(['CULTIVAR_CAHCE', 'CULTIVAR_CACHE_DIR', 'CULTIVAR_cache', 'cultivar_cache', 'CULTIVAR_ONNX_RUNTIME', 'CULTIVAR_ONNXRUNTIME_PATH'])('%s is most likely a slip', async (name) => {
    expect(await misspelledVariables([name, 'PATH'])).toEqual([expect.stringMatching(new RegExp(`^The environment variable ${name} has no effect \\(did you mean CULTIVAR_(CACHE|ONNXRUNTIME)\\?\\)\\.$`))]);
  });

  it('that are ours, or nothing like them, are not mentioned', async () => {
    expect(await misspelledVariables(['CULTIVAR_CACHE', 'CULTIVAR_ONNXRUNTIME', 'CULTIVAR_SHARED', 'CULTIVAR_TEST_CACHE', 'CULTIVAR_COLOUR', 'CACHE', 'HOME'])).toEqual([]);
  });
});
