import { describe, expect, it } from '@jest/globals';
import { platformOf } from '../platform.js';
import { filesOn } from './index-page.js';
import { newest } from './wheel-name.js';

const sum = (letter: string) => letter.repeat(64);
const address = 'https://index.example/simple/tensorflow/';
const link = (name: string, letter: string, attributes = '') =>
  `<a href="https://wheels.example/wheels/${name}#sha256=${sum(letter)}" data-requires-python="&gt;=3.10" data-upload-time="2026-03-06T17:24:26.209579Z"${attributes}>${name}</a><br/>`;

const html = `<!DOCTYPE html>
<html>
<head><title>Links for tensorflow</title></head>
<body>
<h1>Links for tensorflow</h1>
${link('tensorflow-2.20.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', '0')}
${link('tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl', 'a')}
${link('tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl', 'b')}
${link('tensorflow-2.21.0-cp312-cp312-win_amd64.whl', 'c')}
${link('tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl', 'd')}
${link('tensorflow-2.21.1-cp312-cp312-manylinux_2_27_aarch64.whl', 'e', ' data-yanked="broken"')}
<a name="end">end</a>
</body></html>`;

const json = JSON.stringify({
  meta: { 'api-version': '1.1' },
  name: 'tensorflow',
  files: [
    { filename: 'tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl', url: '../../packages/b.whl', hashes: { sha256: sum('b') }, yanked: false },
    { filename: 'tensorflow-2.21.1-cp312-cp312-macosx_12_0_arm64.whl', url: '../../packages/e.whl', hashes: {}, yanked: 'broken' },
    { filename: 'tensorflow-2.21.0.tar.gz', url: '../../packages/t.tar.gz', hashes: {} },
  ],
});

describe('a page of an index', () => {
  it('in HTML: address, checksum; what was taken back is left out', () => {
    const files = filesOn(html, 'text/html', address);
    expect(files).toHaveLength(5);
    expect(files[1]).toEqual({ name: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl', url: 'https://wheels.example/wheels/tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl', sha256: sum('a') });
  });

  it('in JSON: the same, addresses relative to the page', () => {
    expect(filesOn(json, 'application/vnd.pypi.simple.v1+json', address)).toEqual([
      { name: 'tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl', url: 'https://index.example/packages/b.whl', sha256: sum('b') },
      { name: 'tensorflow-2.21.0.tar.gz', url: 'https://index.example/packages/t.tar.gz', sha256: undefined },
    ]);
  });

  it.each([['linux-x64', 'a'], ['linux-arm64', 'd'], ['darwin-arm64', 'b']])('has for %s the wheel %s', (name, letter) => {
    const wanted = { name: 'tensorflow', versions: '>=2.20', tag: platformOf(name).tag };
    expect(newest(filesOn(html, 'text/html', address), wanted)?.sha256).toBe(sum(letter));
  });
});
