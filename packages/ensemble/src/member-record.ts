import type { Logger, Member, TensorData } from '@cultivar/sdk';
import { readRecordIfWhole, writeRecord, type TrainingEvent } from '@cultivar/training';

/** What is kept of a member beside its bundle, so that a resumed ensemble need not train it again. */
export interface MemberRecord extends Member {
  seed: number;
}

interface Plain {
  seed: number;
}

/** @returns undefined where it was not written, or is damaged, which is said */
export async function readMember(path: string, logger: Logger): Promise<MemberRecord | undefined> {
  const record = await readRecordIfWhole<Plain>(path, logger, 'The member is trained again.');
  const measured = record?.arrays['measured'];
  if (!record || !measured) return undefined;
  return { seed: record.plain.seed, measured, ...(record.arrays['train'] && { train: record.arrays['train'] }) };
}

export async function writeMember(path: string, { seed, train, measured }: MemberRecord): Promise<void> {
  await writeRecord<Plain>(path, { plain: { seed }, arrays: { measured, ...(train && { train }) } });
}

type Probabilities = Extract<TrainingEvent, { type: 'probabilities' | 'snapshot' }>;

/**
 * Rows of an event in the order of `images`; an image that the run set aside has a row where all classes are alike.
 * @param images numbers of images
 */
export function rowsOf({ images: told, probabilities }: Probabilities, images: readonly number[]): TensorData {
  const classes = probabilities.shape[1]!;
  const at = new Map(told.map((image, row) => [image, row]));
  const data = new Float32Array(images.length * classes).fill(1 / classes);
  images.forEach((image, row) => {
    const from = at.get(image);
    if (from !== undefined) data.set(probabilities.data.subarray(from * classes, (from + 1) * classes), row * classes);
  });
  return { data, shape: [images.length, classes] };
}
