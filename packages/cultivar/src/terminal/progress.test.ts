import { describe, expect, it, jest } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { BarProgress, LineProgress } from './progress.js';

describe('progress in a pipe', () => {
  it('is a line now and then, and one at the end', () => {
    jest.useFakeTimers({ now: 0, doNotFake: ['nextTick', 'setImmediate'] });
    try {
      const lines: string[] = [];
      const task = new LineProgress((line) => lines.push(line), 5).start('Features', 200, 'images');
      for (let second = 0; second < 20; second += 1) {
        jest.advanceTimersByTime(1000);
        task.advance(10);
      }
      task.finish();
      expect(lines).toEqual([
        'Features: 50/200 images, 10 images/s, 15 s left',
        'Features: 100/200 images, 10 images/s, 10 s left',
        'Features: 150/200 images, 10 images/s, 5.0 s left',
        'Features: 200/200 images, 10 images/s, 0.0 s left',
        'Features: 200 images in 20 s (10 images/s)',
      ]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('says nothing of what is over in a moment', () => {
    const lines: string[] = [];
    const task = new LineProgress((line) => lines.push(line)).start('Reading');
    task.advance();
    task.finish();
    task.finish();
    expect(lines).toEqual([]);
  });
});

describe('progress on a terminal', () => {
  it('is a bar with rate and time left, lines above it', async () => {
    const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 40 });
    let shown = '';
    screen.on('data', (chunk: Buffer) => { shown += chunk.toString(); });
    const progress = new BarProgress(screen as unknown as NodeJS.WriteStream);
    const task = progress.start('Features', 50, 'images');
    const open = progress.start('Solving', undefined, 'steps');
    for (let step = 0; step < 50; step += 1) {
      task.advance(1, 'cut 3');
      open.advance();
      await new Promise((done) => setTimeout(done, 12));
      if (step === 25) progress.line('a warning');
    }
    open.finish();
    task.finish('all of them');
    progress.close();
    expect(shown).toMatch(/Features +[█░]+ \d+\/50 images/);
    expect(shown).toMatch(/images\/s, [\d.]+ s left/);
    expect(shown).toMatch(/Solving +\d+ steps/);
    expect(shown).toContain('cut 3');
    expect(shown).toContain('a warning\n');
    expect(shown).toMatch(/Features: 50 images in [\d.]+ s.*, all of them\n/);
  });
});
