import { schedule, type Schedule } from '@cultivar/sdk';

/** multiplier(t) = 1: the base rate throughout. */
@schedule({
  name: 'constant',
  summary: 'The base rate throughout',
  reference: 'Robbins & Monro 1951, A stochastic approximation method',
})
export class Constant implements Schedule {
  at(): number {
    return 1;
  }
}
