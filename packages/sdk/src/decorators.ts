import 'reflect-metadata';
import { inject as injectToken, injectable, type ServiceIdentifier } from 'inversify';
import type { z } from 'zod';
import type { Augmentation } from './contracts/augmentation.js';
import type { Backbone } from './contracts/backbone.js';
import type { Callback } from './contracts/callback.js';
import type { Engine } from './contracts/engine.js';
import type { Ensemble } from './contracts/ensemble.js';
import type { Exporter } from './contracts/exporter.js';
import type { Initializer } from './contracts/initializer.js';
import type { Layer } from './contracts/layer.js';
import type { Metric } from './contracts/metric.js';
import type { Optimizer } from './contracts/optimizer.js';
import type { Regularizer } from './contracts/regularizer.js';
import type { Schedule } from './contracts/schedule.js';
import type { Similarity } from './contracts/similarity.js';
import type { Solver } from './contracts/solver.js';
import type { Strategy } from './contracts/strategy.js';
import type { Kind } from './kinds.js';
import { contributionMetadata, setContributionMetadata, type ContributionDetails } from './plugin.js';

/** Token under which a contribution finds its own checked options. */
export const Options = Symbol.for('cultivar:Options');

/** Property decorator: the contribution's options, checked by its schema, defaults filled in. */
export function options(): PropertyDecorator {
  return inject(Options);
}

/** The tokens that a class of its own asks for, by property. */
const asked = new WeakMap<object, Map<string | symbol, ServiceIdentifier>>();

/**
 * Property decorator: a service of the run, by its token: `@inject(Random) readonly random!: Random`.
 * Babel hands legacy property decorators a third value, the descriptor, which inversify would take for a method's.
 */
export function inject<Service>(token: ServiceIdentifier<Service>): PropertyDecorator {
  const decorate = injectToken(token) as PropertyDecorator;
  return (target, property) => {
    decorate(target, property);
    const own = asked.get(target.constructor) ?? new Map<string | symbol, ServiceIdentifier>();
    asked.set(target.constructor, own.set(property, token));
  };
}

/** What a base class asks for is injected as well, unless the class asks for another service by that property. */
function inheritInjection(target: new () => object): void {
  for (let base: unknown = Object.getPrototypeOf(target); typeof base === 'function'; base = Object.getPrototypeOf(base)) {
    for (const [property, token] of asked.get(base) ?? []) {
      if (!asked.get(target)?.has(property)) inject(token)(target.prototype as object, property);
    }
  }
}

function contribution<Contract extends object>(kind: Kind) {
  return <S extends z.ZodObject>(details: ContributionDetails<S>) =>
    <Class extends new () => Contract>(target: Class): Class => {
      const earlier = contributionMetadata(target);
      if (earlier) throw new TypeError(`${target.name} carries two contribution decorators, ${earlier.kind} and ${kind}; one class is one contribution`);
      injectable()(target);
      inheritInjection(target);
      setContributionMetadata(target, { ...details, kind });
      return target;
    };
}

/* One class decorator for each kind. Without decorator syntax they are functions: `optimizer({ name })(class { ... })`. */
export const optimizer = contribution<Optimizer>('optimizer');
export const solver = contribution<Solver>('solver');
export const schedule = contribution<Schedule>('schedule');
export const initializer = contribution<Initializer>('initializer');
export const augmentation = contribution<Augmentation>('augmentation');
export const regularizer = contribution<Regularizer>('regularizer');
export const layer = contribution<Layer>('layer');
export const strategy = contribution<Strategy>('strategy');
export const similarity = contribution<Similarity>('similarity');
export const backbone = contribution<Backbone>('backbone');
export const engine = contribution<Engine>('engine');
export const ensemble = contribution<Ensemble>('ensemble');
export const metric = contribution<Metric>('metric');
export const callback = contribution<Callback>('callback');
export const exporter = contribution<Exporter>('exporter');
