/** For tests: a wheel with what the real one has, small. */
import { createHash } from 'node:crypto';

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

const crc32 = (bytes: Uint8Array): number => ~bytes.reduce((crc, byte) => table[(crc ^ byte) & 255]! ^ (crc >>> 8), ~0) >>> 0;

/** A zip file of these files, stored. */
export function zip(files: Record<string, string>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [path, data] = [Buffer.from(name), Buffer.from(text)];
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(data), 0);
    sizes.writeUInt32LE(data.length, 4);
    sizes.writeUInt32LE(data.length, 8);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    sizes.copy(local, 14);
    local.writeUInt16LE(path.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 4);
    entry.writeUInt16LE(20, 6);
    sizes.copy(entry, 16);
    entry.writeUInt16LE(path.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, path, data);
    central.push(entry, path);
    offset += local.length + path.length + data.length;
  }
  const list = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, list, end]);
}

export const wheelName = 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl';

/** @param damage changes one file after its checksum is written down */
export function fakeWheel(damage?: string): Buffer {
  const files: Record<string, string> = {
    'tensorflow/libtensorflow_cc.so.2': 'c'.repeat(70_000),
    'tensorflow/libtensorflow_framework.so.2': 'framework',
    'tensorflow/include/tensorflow/c/eager/c_api.h': '#include "tensorflow/c/c_api.h"\n#include <stdint.h>\n',
    'tensorflow/include/tensorflow/c/c_api.h': '  #  include "xla/tsl/c/tsl_status.h"\n',
    'tensorflow/include/xla/tsl/c/tsl_status.h': '#include "tensorflow/c/c_api.h"\n',
    'tensorflow/include/tensorflow/c/unused.h': '',
    'tensorflow/python/__init__.py': '',
  };
  const record = Object.entries(files).map(([name, text]) => `${name},sha256=${createHash('sha256').update(text).digest('base64url')},${text.length}`).join('\n');
  if (damage) files[damage] += '!';
  return zip({ ...files, 'tensorflow_cpu-2.21.0.dist-info/METADATA': 'Metadata-Version: 2.4\nName: tensorflow_cpu\n', 'tensorflow_cpu-2.21.0.dist-info/RECORD': `${record}\n` });
}
