import { describe, expect, it } from '@jest/globals';
import { Container } from 'inversify';
import { contributionMetadata, inject, Options, options, Random, schedule, z } from './index.js';

@schedule({ name: 'half', summary: 'Half the rate', options: z.object({ share: z.number().default(0.5) }) })
class Half {
  @options() readonly options!: { share: number };
  @inject(Random) readonly random!: Random;
  at(): number {
    return this.options.share;
  }
}

describe('contribution decorators', () => {
  it('leave kind, name and schema on the class', () => {
    const metadata = contributionMetadata(Half);
    expect(metadata).toMatchObject({ kind: 'schedule', name: 'half', summary: 'Half the rate' });
    expect(metadata?.options?.parse({})).toEqual({ share: 0.5 });
  });

  it('are not inherited', () => {
    class Quarter extends Half {}
    expect(contributionMetadata(Quarter)).toBeUndefined();
  });

  it('inject options and services by property', () => {
    const container = new Container();
    container.bind(Options).toConstantValue({ share: 0.25 });
    container.bind(Random).toConstantValue({} as Random);
    container.bind(Half).toSelf();
    expect(container.get(Half).at()).toBe(0.25);
  });

  it('work as plain functions', () => {
    const Third = schedule({ name: 'third', summary: 'A third' })(class { at() { return 1 / 3; } });
    expect(contributionMetadata(Third)?.name).toBe('third');
  });
});
