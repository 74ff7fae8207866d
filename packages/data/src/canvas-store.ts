/** Keeps decoded canvases: in memory within a budget, then in one file, and not at all where the disk is full. */
import { mkdir, mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@cultivar/sdk';
import { fileErrorReason, isFileError } from './image-problem.js';

export interface CanvasStoreOptions {
  /** Bytes of one canvas. */
  canvasBytes: number;
  /** Bytes kept in memory. */
  memoryBudget: number;
  /** Where the file goes; made if missing. Absent: the system's folder for temporary files. */
  folder?: string;
  /** A file to use instead of a new one in the folder; it stays. */
  file?: string;
  logger?: Logger;
}

/** Canvases by number. What `get` does not find was never put, or could not be kept: decode it again. */
export class CanvasStore {
  private readonly inMemory = new Map<number, Uint8Array>();
  /** Place in the file, counted in canvases. */
  private readonly inFile = new Map<number, number>();
  private opening: Promise<FileHandle | undefined> | undefined;
  private ownFolder: string | undefined;
  private places = 0;
  private broken = false;

  constructor(private readonly options: CanvasStoreOptions) {}

  has(index: number): boolean {
    return this.inMemory.has(index) || this.inFile.has(index);
  }

  async get(index: number): Promise<Uint8Array | undefined> {
    const canvas = this.inMemory.get(index);
    const place = this.inFile.get(index);
    if (canvas || place === undefined) return canvas;
    const { canvasBytes } = this.options;
    const read = new Uint8Array(canvasBytes);
    try {
      const file = await this.opening;
      const { bytesRead } = await file!.read(read, 0, canvasBytes, place * canvasBytes);
      if (bytesRead === canvasBytes) return read;
    } catch (error) {
      this.giveUp(error);
    }
    this.inFile.delete(index);
    return undefined;
  }

  /** @param canvas becomes the store's own: not to be changed afterwards */
  async put(index: number, canvas: Uint8Array): Promise<void> {
    if (this.has(index)) return;
    const { canvasBytes, memoryBudget } = this.options;
    if ((this.inMemory.size + 1) * canvasBytes <= memoryBudget) {
      this.inMemory.set(index, canvas);
      return;
    }
    if (this.broken) return;
    const place = this.places;
    this.places += 1;
    try {
      const file = await (this.opening ??= this.openFile());
      if (!file) return;
      let written = 0;
      while (written < canvasBytes) written += (await file.write(canvas, written, canvasBytes - written, place * canvasBytes + written)).bytesWritten;
      this.inFile.set(index, place);
    } catch (error) {
      this.giveUp(error);
    }
  }

  async dispose(): Promise<void> {
    this.broken = true;
    this.inMemory.clear();
    this.inFile.clear();
    const file = await this.opening?.catch(() => undefined);
    this.opening = undefined;
    await file?.close();
    if (this.ownFolder) await rm(this.ownFolder, { recursive: true, force: true });
  }

  /** The file's name is taken away at once where the system allows it, so that not even a killed process leaves it behind. */
  private async openFile(): Promise<FileHandle> {
    if (this.options.file !== undefined) return await open(this.options.file, 'r+');
    const parent = this.options.folder ?? tmpdir();
    await mkdir(parent, { recursive: true });
    this.ownFolder = await mkdtemp(join(parent, 'cultivar-canvases-'));
    const file = await open(join(this.ownFolder, 'canvases'), 'w+');
    if (process.platform !== 'win32') {
      await rm(this.ownFolder, { recursive: true, force: true });
      this.ownFolder = undefined;
    }
    return file;
  }

  private giveUp(error: unknown): void {
    if (this.broken) return;
    this.broken = true;
    const reason = isFileError(error) ? fileErrorReason(error) : String(error);
    this.options.logger?.warn(`Decoded images can no longer be kept on disk (${reason}); they are decoded again when they are needed`);
  }
}
