import { describe, expect, it } from '@jest/globals';
import type { Assessment, FreezePlan, Stage } from '@cultivar/sdk';
import { instance } from '../../../test/conformance/instance.js';
import { Auto } from './auto.js';
import { FineTuneDeep } from './fine-tune-deep.js';
import { FineTuneTop } from './fine-tune-top.js';
import { FromScratch } from './from-scratch.js';
import { GradualUnfreezing } from './gradual-unfreezing.js';
import { Head2Toe } from './head2toe.js';
import { LayerWiseDecay } from './layer-wise-decay.js';
import { cutsFromTop, resolutionGroups } from './resolution.js';
import { stageCandidates } from './stage-candidates.js';

/** The stages of MobileNetV2. */
const stages: Stage[] = [[112, 16], [56, 24], [28, 32], [14, 64], [14, 96], [7, 160], [7, 320], [7, 1280]].map(([side, channels], index) => ({
  name: `stage-${index}`, index, output: `layer-${index}`, layers: [`layer-${index}`], parameters: 1000, outputShape: [side!, side!, channels!],
}));

const assessment = (trainImages: number, classes: number, score: number, trains = true): Assessment => ({
  images: trainImages, trainImages, classes, perClass: Array.from({ length: classes }, () => trainImages / classes),
  similarity: { score, figures: {}, reasons: [] }, backboneParameters: 2e6, engine: { name: 'some', trains },
});

describe('auto is the matrix', () => {
  it.each<[string, Assessment, string]>([
    ['a handful of each, similar', assessment(10, 2, 0.65), 'linear-probe'],
    ['hymenoptera: small and similar, enough to choose by cross-validation', assessment(245, 2, 0.65), 'stage-probe'],
    ['flowers, twenty of each: small and similar', assessment(100, 5, 0.54), 'stage-probe'],
    ['flowers: similar, and enough to fine-tune', assessment(1193, 5, 0.6), 'fine-tune-top'],
    ['chest-xray: small and different', assessment(315, 3, 0.24), 'stage-probe'],
    ['pcb-defects: different, and enough to fine-tune', assessment(720, 6, 0.45), 'fine-tune-deep'],
    ['few and different', assessment(60, 3, 0.2), 'stage-probe'],
    ['large and similar', assessment(25_600, 200, 0.76), 'fine-tune-top'],
    ['large and different', assessment(10_000, 10, 0.2), 'fine-tune-deep'],
    ['many images of many classes, few of each', assessment(5000, 600, 0.6), 'linear-probe'],
    ['similar, but few of each class', assessment(480, 20, 0.6), 'stage-probe'],
    ['large, but nothing that trains', assessment(25_600, 200, 0.6, false), 'stage-probe'],
  ])('%s', (_, given, expected) => {
    const { delegate, reasons } = instance(Auto).plan(given);
    expect(delegate).toEqual({ name: expected, ...(expected.startsWith('fine-tune') && { worthwhileFrom: 0.15 }) });
    expect(reasons).toHaveLength(2);
    expect(reasons[0]).toContain(String(given.trainImages));
    expect(reasons[0]).toContain(given.similarity.score.toFixed(2));
  });
});

describe('what strategies train from', () => {
  it.each([[FineTuneTop, 60, 5], [FineTuneTop, 5000, 10], [FineTuneDeep, 5000, 10]] as const)('is known before they plan: %p, %i images', (contribution, images, classes) => {
    const strategy = instance<FineTuneTop | FineTuneDeep>(contribution);
    const given = assessment(images, classes, 0.6);
    expect(strategy.thaws(given, stages)).toEqual(phasesOf(strategy.plan(given, stages)).filter((from) => from !== 'solve'));
  });

  it.each<[string, Assessment]>([
    ['hymenoptera', assessment(245, 2, 0.65)], ['flowers', assessment(1193, 5, 0.6)], ['steel', assessment(1436, 6, 0.37)],
    ['large and similar', assessment(25_600, 200, 0.76)], ['large and different', assessment(10_000, 10, 0.2)], ['few of each', assessment(5000, 600, 0.6)],
  ])('auto has foreseen whatever it delegates to: %s', (_, given) => {
    const strategies: Record<string, FineTuneTop | FineTuneDeep> = { 'fine-tune-top': instance(FineTuneTop), 'fine-tune-deep': instance(FineTuneDeep) };
    const auto = instance(Auto);
    const from = strategies[auto.plan(given).delegate.name]?.thaws(given, stages) ?? [];
    expect(auto.thaws(given, stages)).toEqual(expect.arrayContaining(from));
    if (given.trainImages < 400) expect(auto.thaws(given, stages)).toEqual([]);
  });
});

describe('stages', () => {
  it('are grouped by resolution, and cut where it drops', () => {
    expect(resolutionGroups(stages).map((group) => group.length)).toEqual([1, 1, 1, 2, 3]);
    expect(cutsFromTop(stages)).toEqual(['stage-7', 'stage-4', 'stage-2', 'stage-1', 'stage-0']);
    expect(cutsFromTop(stages.slice(0, 1))).toEqual(['stage-0']);
  });

  it('are joined with those below, the simpler sets first', () => {
    const sets = stageCandidates(stages);
    expect(sets[0]).toEqual(['stage-7']);
    expect(sets).toContainEqual(['stage-7', 'stage-4', 'stage-2']);
    expect(new Set(sets.map((set) => set.join())).size).toBe(sets.length);
    expect(stageCandidates(stages.slice(-1))).toEqual([['stage-7']]);
  });
});

describe('head2toe', () => {
  it('selects among the features of all stages, and has them all computed at once', () => {
    const strategy = instance(Head2Toe, { penalty: 0.1, fractions: [0.1, 1] });
    const all = stages.map(({ name }) => name);
    expect(strategy.plan(assessment(40, 2, 0.6), stages).phases).toEqual([{ kind: 'solve', name: 'head2toe', candidates: [['stage-7']], select: { stages: all, penalty: 0.1, fractions: [0.1, 1] } }]);
    expect(strategy.reads(stages)).toEqual(all);
  });

  it.each([{ penalty: 0 }, { penalty: 1 }, { fractions: [] }, { fractions: [0.5, 0.1] }, { fractions: [0] }, { fractions: [1.1] }])('refuses %j', (options) => {
    expect(() => instance(Head2Toe, options)).toThrow();
  });
});

const phasesOf = (plan: FreezePlan): string[] => plan.phases.map((phase) => (phase.kind === 'train' ? phase.from : 'solve'));

describe('fine-tuning', () => {
  it('of the top solves, then thaws the last resolution', () => {
    expect(phasesOf(instance(FineTuneTop).plan(assessment(5000, 10, 0.6), stages))).toEqual(['solve', 'stage-5']);
  });

  it('of many stages thaws several resolutions, earlier stages slower', () => {
    const plan = instance(FineTuneDeep).plan(assessment(5000, 10, 0.2), stages);
    expect(phasesOf(plan)).toEqual(['solve', 'stage-4']);
    const deep = plan.phases[1]!;
    expect(deep.kind === 'train' && [deep.rates['head'], deep.rates['stage-7'], deep.rates['stage-4'], deep.rates['stage-3']]).toEqual([1, 1, 0.5, undefined]);
    expect(phasesOf(instance(FineTuneDeep, { resolutions: 3 }).plan(assessment(5000, 10, 0.2), stages))).toEqual(['solve', 'stage-2']);
    expect(phasesOf(instance(FineTuneDeep, { resolutions: 99 }).plan(assessment(5000, 10, 0.2), stages))).toEqual(['solve', 'stage-1']);
  });

  it('gradually thaws a resolution more in each phase, and shares the epochs out', () => {
    const { phases } = instance(GradualUnfreezing).plan(assessment(5000, 10, 0.2), stages);
    expect(phasesOf({ phases, reasons: [] })).toEqual(['solve', 'stage-5', 'stage-4', 'stage-2']);
    expect(phases.slice(1).map((phase) => phase.kind === 'train' && phase.epochs)).toEqual([3, 3, 3]);
  });

  it('with layer-wise decay thaws all but the stage at the pixels, each slower by the same share', () => {
    const [, phase] = instance(LayerWiseDecay, { decay: 0.5 }).plan(assessment(5000, 10, 0.2), stages).phases;
    expect(phase).toMatchObject({ from: 'stage-1', rates: { head: 1, 'stage-7': 1, 'stage-6': 0.5, 'stage-1': 0.5 ** 6 } });
  });

  it('from scratch draws everything anew and trains it, batch-norm too', () => {
    expect(instance(FromScratch).plan(assessment(5000, 10, 0.2), stages).phases).toMatchObject([{ kind: 'train', from: 'stage-0', fresh: true, batchNorm: 'train' }]);
  });

  it('begins at a classifier that reads what moves: the top, whatever is joined to it', () => {
    for (const strategy of [FineTuneTop, FineTuneDeep]) {
      const [solve] = instance(strategy).plan(assessment(5000, 10, 0.2), stages).phases;
      const candidates = solve!.kind === 'solve' ? solve!.candidates : [];
      expect(candidates.length).toBeGreaterThan(2);
      for (const set of candidates) expect(set).toContain('stage-7');
    }
  });

  it.each([[25, 9], [250, 8], [5000, 5]])('of %i images keeps %i views of each', (images, views) => {
    const [, phase] = instance(FineTuneTop).plan(assessment(images, 5, 0.6), stages).phases;
    expect(phase).toMatchObject({ views });
  });

  it('of a network of one stage trains that', () => {
    expect(phasesOf(instance(FineTuneDeep).plan(assessment(5000, 10, 0.2), stages.slice(0, 1)))).toEqual(['solve', 'stage-0']);
    expect(phasesOf(instance(FineTuneTop, { epochs: 3 }).plan(assessment(5000, 10, 0.2), stages.slice(0, 1)))).toEqual(['solve', 'stage-0']);
  });
});
