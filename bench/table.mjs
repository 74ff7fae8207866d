/** The table, line by line as it comes, with each row's ratio to what PyTorch does as its tutorials do it. */
const columns = ['engine', 'network', 'px', 'batch', 'work', 'images/s', 'ratio to PyTorch', 'peak memory, MB'];
const line = (cells) => `| ${cells.join(' | ')} |`;

export const header = [line(columns), line(columns.map(() => '---'))].join('\n');

/** @param rows those of one case: the same network, size, batch and work */
export function lines(rows) {
  const peer = rows.find(({ engine }) => engine.startsWith('PyTorch'));
  return rows.map((row) => line([
    row.engine, row.network, row.size, row.batch, row.work, figure(row.imagesPerSecond),
    peer ? (row.imagesPerSecond / peer.imagesPerSecond).toFixed(2) : '-', Math.round(row.peakMemoryBytes / 1e6),
  ])).join('\n');
}

const figure = (rate) => rate.toFixed(rate < 100 ? 1 : 0);
