import { nonNegative, optimizer, z } from '@cultivar/sdk';
import { Adam, adamOptions } from './adam.js';

const schema = z.object({
  ...adamOptions,
  weightDecay: nonNegative.default(0.01).describe('Share of each weight that is taken away, times the rate, at each step'),
});

/**
 * {@link Adam} with decoupled weight decay: w <- w - rate * (adam's direction + weightDecay * w).
 *
 * Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", algorithm 2; the same numbers as
 * `torch.optim.AdamW`.
 */
@optimizer({
  name: 'adamw',
  summary: 'Adam with weight decay that goes past the moments, straight to the weight',
  reference: 'Loshchilov & Hutter 2019, Decoupled weight decay regularization',
  options: schema,
})
export class AdamW extends Adam {}
