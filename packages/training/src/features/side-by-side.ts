import type { TensorData } from '@cultivar/sdk';

/** Tables of the same rows, [B, F1], [B, F2], ..., as one: [B, F1 + F2 + ...]; at least one. */
export function sideBySide(tables: readonly TensorData[]): TensorData {
  const rows = tables[0]!.shape[0]!;
  const width = tables.reduce((sum, { shape }) => sum + shape[1]!, 0);
  const data = new Float32Array(rows * width);
  let first = 0;
  for (const table of tables) {
    const own = table.shape[1]!;
    for (let row = 0; row < rows; row += 1) data.set(table.data.subarray(row * own, (row + 1) * own), row * width + first);
    first += own;
  }
  return { data, shape: [rows, width] };
}

/** Mean of tables of one shape: the features of the same images in each geometry. At least one. */
export function meanOf(tables: readonly TensorData[]): TensorData {
  const first = tables[0]!;
  if (tables.length === 1) return first;
  return { data: first.data.map((_, at) => tables.reduce((sum, { data }) => sum + data[at]!, 0) / tables.length), shape: first.shape };
}
