import { describe, expect, it } from '@jest/globals';
import * as Plot from '@observablehq/plot';
import { chart } from './chart.js';

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
});
