import { describe, expect, it } from '@jest/globals';
import * as Plot from '@observablehq/plot';
import { createRequire } from 'node:module';
import type sharpModule from 'sharp';
import { chart } from './chart.js';

const sharp = createRequire(import.meta.url)('sharp') as typeof sharpModule;

const options = { title: 'A line', width: 200, height: 100, marks: [Plot.line([[0, 1], [1, 3], [2, 2]])] };

describe('chart', () => {
  it('is a standalone SVG with a title', () => {
    const text = chart(options);
    expect(text).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(text).toContain('>A line</text>');
    expect(text.match(/<path [^>]*d="M[^"]+L/g)?.length).toBeGreaterThan(0);
    expect(text.endsWith('</svg>\n')).toBe(true);
  });

  it('is the same text for the same figures', () => {
    expect(chart(options)).toBe(chart(options));
  });

  it.each(['<script>alert(1)</script>', ']]>', '"\'&amp;&', '&nbsp;', '\0\x1b[2J\x9b\ufffe\ud800', 'a\nb', '\u202egnp', '楓 🍁', '--><![CDATA['])('is XML that can be read whatever its names are: %j', async (name) => {
    const rows = [{ x: 0, y: 1, name }, { x: 1, y: 2, name: `${name}2` }];
    const text = chart({ title: name, color: { legend: false }, x: { label: name }, fx: { label: name }, marks: [
      Plot.dot(rows, { x: 'x', y: 'y', stroke: 'name', title: 'name', ariaLabel: name, href: 'name' }), Plot.text(rows, { x: 'x', y: 'y', text: 'name' }), Plot.axisX({ label: name }),
    ] });
    expect(text).not.toContain('<script');
    for (const character of ['\0', '\x1b', '\x9b', '\u202e', '\ufffe']) expect(text).not.toContain(character);
    // A strict reader of XML.
    expect((await sharp(Buffer.from(text)).metadata()).format).toBe('svg');
    await sharp(Buffer.from(text)).raw().toBuffer();
  });
});
