import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRuntime, runtimeInUse } from './load.js';
import { locateRuntime } from './locate.js';

describe('ONNX Runtime', () => {
  let folder: string;
  const own = (name: string, text: string): string => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'index.js'), text);
    return join(folder, name);
  };
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'cultivar-load-')); });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('that is asked for and is none, or does not load, is one sentence, and the next attempt is free', async () => {
    await expect(loadRuntime(own('other', 'module.exports = { something: 1 };'))).rejects.toThrow(/other is no onnxruntime-node$/);
    await expect(loadRuntime(own('broken', 'throw new Error("libc.so.6: version `GLIBC_2.99\' not found\\nRequire stack:\\n- here");'))).rejects.toThrow(/broken cannot be loaded on \w+ \w+ \(libc\.so\.6: version `GLIBC_2\.99' not found\)$/);
    await expect(loadRuntime(own('mixed', 'throw new Error("libonnxruntime.so.1: version `VERS_1.30.0\' not found");'))).rejects.toThrow(/onnxruntime-node of its own before, which CULTIVAR_ONNXRUNTIME can name/);
    expect(runtimeInUse()).toBeUndefined();
  });

  it('is loaded once, and another one is refused from then on', async () => {
    const [first, second] = await Promise.all([loadRuntime(), loadRuntime()]);
    expect(second).toBe(first);
    expect(runtimeInUse()).toBe(locateRuntime().name);
    expect(await loadRuntime(locateRuntime().path)).toBe(first);
    await expect(loadRuntime(own('another', ''))).rejects.toThrow(/is in use already, and a process can hold only one/);
    const session = await first.InferenceSession.create(Buffer.from('CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAN', 'base64'));
    expect((await session.run({ x: new first.Tensor('float32', [3], [1]) }))['y']!.data[0]).toBe(3);
    await session.release();
  });
});
