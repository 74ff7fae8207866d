import { describe, expect, it } from '@jest/globals';
import { createKernel } from '@cultivar/kernel';
import optimizers from '@cultivar/optimizers';
import schedules from '@cultivar/schedules';
import { definePlugin, strategy, type Assessment, type Delegation, type FreezePlan, type Stage, type TrainPhase } from '@cultivar/sdk';
import { makePlan } from './plan.js';

const stages = ['low', 'top'].map((name, index) => ({ name, index })) as Stage[];
const phase: TrainPhase = { kind: 'train', name: 'tune', from: 'top', epochs: 3, batchSize: 8, learningRate: 0.1, rates: { head: 1 }, batchNorm: 'frozen', views: 2 };
const solve = { kind: 'solve' as const, name: 'solve', candidates: [['top']] };

async function plan(answers: Record<string, FreezePlan | Delegation>, request = {}) {
  const contributions = Object.entries(answers).map(([name, answer]) => strategy({ name, summary: 'For a test' })(class { plan() { return answer; } }));
  const kernel = await createKernel({ plugins: [definePlugin({ name: 'strategies', contributions }), optimizers, schedules] });
  return makePlan(kernel.openRun({ seed: 0, outputFolder: '/tmp' }), { strategy: { name: Object.keys(answers)[0]! }, ...request }, {} as Assessment, stages, 'tiny');
}

describe('a plan', () => {
  it('is that of the strategy at the end of the chain, with the reasons of all', async () => {
    const made = await plan({ one: { delegate: { name: 'two' }, reasons: ['so'] }, two: { phases: [solve, phase], reasons: ['thus'] } });
    expect(made).toEqual({ strategy: 'two', plan: { phases: [solve, { ...phase, optimizer: { name: 'adam' }, schedule: { name: 'cosine' } }], reasons: ['so', 'thus'] } });
  });

  it('is overridden by what the request says', async () => {
    const own = { ...phase, optimizer: { name: 'adam', beta1: 0.8 }, schedule: { name: 'step' } };
    const made = await plan({ one: { phases: [own], reasons: [] } }, { epochs: 9, views: 1, optimizer: { name: 'sgd' } });
    expect(made.plan.phases).toEqual([{ ...own, epochs: 9, views: 1, optimizer: { name: 'sgd' } }]);
  });

  it.each<[string, FreezePlan | Delegation, string]>([
    ['has no phases', { phases: [], reasons: [] }, 'PLAN_INVALID'],
    ['names a phase twice', { phases: [solve, solve], reasons: [] }, 'PLAN_INVALID'],
    ['solves on nothing', { phases: [{ ...solve, candidates: [[]] }], reasons: [] }, 'PLAN_INVALID'],
    ['joins a stage with itself', { phases: [{ ...solve, candidates: [['top', 'top']] }], reasons: [] }, 'PLAN_INVALID'],
    ['solves on a stage that is not there', { phases: [{ ...solve, candidates: [['roof']] }], reasons: [] }, 'STAGE_UNKNOWN'],
    ['selects without a penalty', { phases: [{ ...solve, select: { stages: ['low', 'top'], penalty: 0, fractions: [1] } }], reasons: [] }, 'PLAN_INVALID'],
    ['selects from a stage that is not there', { phases: [{ ...solve, select: { stages: ['roof'], penalty: 0.1, fractions: [1] } }], reasons: [] }, 'STAGE_UNKNOWN'],
    ['keeps ever fewer features', { phases: [{ ...solve, select: { stages: ['low', 'top'], penalty: 0.1, fractions: [0.5, 0.1] } }], reasons: [] }, 'PLAN_INVALID'],
    ['keeps more features than there are', { phases: [{ ...solve, select: { stages: ['low', 'top'], penalty: 0.1, fractions: [0.5, 1.5] } }], reasons: [] }, 'PLAN_INVALID'],
    ['thaws a stage that is not there', { phases: [{ ...phase, from: 'roof' }], reasons: [] }, 'STAGE_UNKNOWN'],
    ['rates a stage that is not there', { phases: [{ ...phase, rates: { roof: 1 } }], reasons: [] }, 'STAGE_UNKNOWN'],
    ['trains half an epoch', { phases: [{ ...phase, epochs: 0.5 }], reasons: [] }, 'PLAN_INVALID'],
    ['trains at no rate', { phases: [{ ...phase, learningRate: 0 }], reasons: [] }, 'PLAN_INVALID'],
    ['names an optimizer that is not there', { phases: [{ ...phase, optimizer: { name: 'adan' } }], reasons: [] }, 'CONTRIBUTION_UNKNOWN'],
    ['goes in circles', { delegate: { name: 'one' }, reasons: [] }, 'PLAN_INVALID'],
    ['hands over to nobody', { delegate: { name: 'nobody' }, reasons: [] }, 'CONTRIBUTION_UNKNOWN'],
  ])('that %s is refused', async (_, answer, code) => {
    await expect(plan({ one: answer })).rejects.toMatchObject({ code, exit: 2 });
  });
});
