import { isFigure } from '@cultivar/sdk';
import { printableXml } from '@cultivar/sdk/internal';
import * as Plot from '@observablehq/plot';
import { DOMParser } from 'linkedom';

/** What Observable Plot draws: marks, scales, facets; see https://observablehq.com/plot. */
export type ChartOptions = Omit<Plot.PlotOptions, 'document' | 'figure' | 'caption'> & {
  /** Stands above the picture. */
  title?: string;
};

const titleHeight = 24;

/** Rows to draw, with nothing in place of numbers that are none (a loss that ran away): Plot leaves a gap there, and no scale has to reach so far. */
export function drawable<Row extends object>(rows: readonly Row[]): Row[] {
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'number' && !isFigure(value) ? null : value])) as Row);
}

/**
 * A picture as the text of a standalone SVG file, with a white ground; needs no browser.
 * The same options give the same text.
 */
export function chart({ title, ...options }: ChartOptions): string {
  // A document of XML: in one of HTML the values of attributes are written as they are.
  const document = new DOMParser().parseFromString('<svg xmlns="http://www.w3.org/2000/svg"></svg>', 'image/svg+xml') as unknown as DrawnDocument;
  const plot = Plot.plot({ ...options, figure: false, document: document as never }) as unknown as Drawn;
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  plot.setAttribute('style', 'background: white');
  if (title !== undefined) {
    // Above the plot, so that none of its own labels is in the way.
    const [width, height] = ['width', 'height'].map((side) => Number(plot.getAttribute(side)));
    plot.setAttribute('viewBox', `0 ${-titleHeight} ${width!} ${height! + titleHeight}`);
    plot.setAttribute('height', String(height! + titleHeight));
    const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    for (const [name, value] of [['x', '12'], ['y', '-8'], ['font-size', '13'], ['font-weight', 'bold'], ['text-anchor', 'start'], ['fill', 'currentColor']] as const) text.setAttribute(name, value);
    text.textContent = title;
    plot.appendChild(text);
  }
  return `${printableXml(plot.outerHTML)}\n`;
}

interface DrawnDocument {
  createElementNS(space: string, name: string): Drawn;
}

/** What is used of the DOM; this package is compiled without its types. */
interface Drawn {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  appendChild(child: unknown): void;
  outerHTML: string;
  textContent: string | null;
}
