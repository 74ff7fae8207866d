import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addCuda, cudaRequirements } from './cuda.js';
import { zip } from './testing/fake-wheel.js';

const metadata = `Metadata-Version: 2.4
Name: tensorflow
Requires-Dist: numpy>=1.26.0
Provides-Extra: and-cuda
Requires-Dist: nvidia-cusolver-cu12<12.0,>=11.6.3.83; extra == "and-cuda"
Requires-Dist: nvidia-cuda-nvcc-cu12 (<13.0,>=12.5.82) ; extra == 'and-cuda'
Requires-Dist: tensorflow-io-gcs-filesystem>=0.23.1; (sys_platform != "win32" and python_version < "3.13") and extra == "gcs-filesystem"

Not a field: Requires-Dist: nvidia-x
`;
const tag = /manylinux[\w.]*_x86_64\.whl$/;
const platform = 'py3-none-manylinux_2_27_x86_64.whl';
let folder: string;
let downloads: string;
const run = (into: string) => addCuda(cudaRequirements(metadata), { folder: join(folder, into), downloads, tag, environment: { PATH: '', PIP_INDEX_URL: 'http://127.0.0.1:1/simple' } });

async function wheel(name: string, files: Record<string, string>, damage?: string): Promise<void> {
  const record = Object.entries(files).map(([file, text]) => `${file},sha256=${createHash('sha256').update(text).digest('base64url')},${text.length}`).join('\n');
  const all = { ...files, ...(damage && { [damage]: 'other' }) };
  await writeFile(join(downloads, `${name}-${platform}`), zip({ ...all, [`${name}.dist-info/RECORD`]: record }));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cultivar-cuda-'));
  downloads = await mkdtemp(join(folder, 'downloads-'));
  await wheel('nvidia_cusolver_cu12-11.7.5.82', { 'nvidia/cusolver/lib/libcusolver.so.11': 'solver', 'nvidia/cusolver/lib/libcusolverMg.so.11': 'several', 'nvidia/cusolver/include/cusolver.h': '', 'nvidia/cusolver/lib/x.a': '' });
  await wheel('nvidia_cuda_nvcc_cu12-12.9.86', { 'nvidia/cuda_nvcc/bin/ptxas': 'ptxas', 'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc': 'bitcode', 'nvidia/__init__.py': '' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the libraries of CUDA', () => {
  it('are those that the wheel of TensorFlow names', () => {
    expect(cudaRequirements(metadata)).toEqual([{ name: 'nvidia-cusolver-cu12', versions: '<12.0,>=11.6.3.83' }, { name: 'nvidia-cuda-nvcc-cu12', versions: '<13.0,>=12.5.82' }]);
    expect(cudaRequirements('Requires-Dist: numpy\n')).toEqual([]);
  });

  it('lie where they are looked for, and nothing else of the wheels does', async () => {
    expect(await run('whole')).toEqual([`nvidia_cusolver_cu12-11.7.5.82-${platform}`, `nvidia_cuda_nvcc_cu12-12.9.86-${platform}`]);
    const files = (await readdir(join(folder, 'whole'), { recursive: true, withFileTypes: true })).filter((entry) => !entry.isDirectory()).map(({ name }) => name).sort();
    expect(files).toEqual(['libcusolver.so.11', 'libcusolver.so.11', 'libcusolverMg.so.11', 'libdevice.10.bc', 'ptxas']);
    expect((await stat(join(folder, 'whole/nvidia/cuda_nvcc/bin/ptxas'))).mode & 0o111).toBe(0o111);
    const link = join(folder, 'whole/nvidia/cublas/lib/libcusolver.so.11');
    expect(await readlink(link)).toBe('../../cusolver/lib/libcusolver.so.11');
    expect(await readFile(link, 'utf8')).toBe('solver');
  });

  it('that are damaged are refused, and their wheel is not kept', async () => {
    await wheel('nvidia_cuda_nvcc_cu12-12.9.90', { 'nvidia/cuda_nvcc/bin/ptxas': 'ptxas' }, 'nvidia/cuda_nvcc/bin/ptxas');
    await expect(run('damaged')).rejects.toMatchObject({ code: 'NATIVE_WHEEL', message: expect.stringContaining('ptxas is damaged') });
    expect(await readdir(downloads)).not.toContain(`nvidia_cuda_nvcc_cu12-12.9.90-${platform}`);
  });
});
