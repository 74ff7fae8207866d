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

  it('inject what base classes ask for, a subclass its own options', () => {
    abstract class Base {
      @inject(Random) readonly random!: Random;
    }
    class Middle extends Base {}
    @schedule({ name: 'eighth', summary: 'An eighth' })
    class Eighth extends Middle {
      @options() readonly options!: { share: number };
      at(): number {
        return this.options.share * this.random.uniform();
      }
    }
    @schedule({ name: 'sixteenth', summary: 'A sixteenth' })
    class Sixteenth extends Eighth {
      override at(): number {
        return super.at() / 2;
      }
    }
    const container = new Container();
    container.bind(Options).toConstantValue({ share: 0.5 });
    container.bind(Random).toConstantValue({ uniform: () => 0.25 } as Random);
    container.bind(Sixteenth).toSelf();
    expect(container.get(Sixteenth).at()).toBe(0.0625);
  });

  it('refuse a second one on a class', () => {
    expect(() => schedule({ name: 'again', summary: 'x' })(Half)).toThrow('Half carries two contribution decorators');
  });

  it('work as plain functions', () => {
    const Third = schedule({ name: 'third', summary: 'A third' })(class { at() { return 1 / 3; } });
    expect(contributionMetadata(Third)?.name).toBe('third');
  });
});
