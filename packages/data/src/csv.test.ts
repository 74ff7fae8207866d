import { afterAll, describe, expect, it } from '@jest/globals';
import { makeFolder, removeFolders } from '../test/drawn-images.js';
import { findInCsv } from './csv.js';

afterAll(removeFolders);
const read = async (text: string | Uint8Array) => {
  const folder = await makeFolder({ 'list.csv': text });
  const found = await findInCsv(`${folder}/list.csv`);
  return found.map(({ path, name, label, split }) => [path === `${folder}/${name}` ? name : path, label, ...(split ? [split] : [])]);
};

describe('findInCsv', () => {
  it.each([
    ['a header', 'path,label,split\nb/2.jpg,bee,val\na/1.jpg,ant,train\n'],
    ['no header', 'b/2.jpg,bee,val\na/1.jpg,ant,train'],
    ['another order and other words', 'Subset,Class,Filename\nValidation,bee,b/2.jpg\nTRAINING,ant,a/1.jpg'],
    ['a byte order mark and Windows line ends', '\ufeffpath,label,split\r\nb/2.jpg,bee,val\r\na/1.jpg,ant,train\r\n'],
    ['semicolons and quotes', 'path;label;split\n"b/2.jpg";"bee";val\na/1.jpg;ant;train'],
    ['tabs, empty lines, spaces', 'path\tlabel\tsplit\n\n b/2.jpg\tbee \tval\n\na/1.jpg\tant\ttrain\n\n'],
    ['further columns, and a line said twice', 'id,path,label,split\n1,b/2.jpg,bee,val\n2,a/1.jpg,ant,train\n3,a/1.jpg,ant,train'],
  ])('reads %s', async (_, text) => {
    expect(await read(text)).toEqual([['a/1.jpg', 'ant', 'train'], ['b/2.jpg', 'bee', 'val']]);
  });

  it('reads two columns, and leaves an empty split open', async () => {
    expect(await read('a.jpg,ant\nb.jpg,bee')).toEqual([['a.jpg', 'ant'], ['b.jpg', 'bee']]);
    expect(await read('path,label,split\na.jpg,ant,\nb.jpg,bee,test')).toEqual([['a.jpg', 'ant'], ['b.jpg', 'bee', 'test']]);
  });

  it('takes paths with commas, out of the folder, and absolute ones', async () => {
    expect(await read('path,label\n"x, y.jpg",ant\n/away/z.jpg,bee')).toEqual([['/away/z.jpg', 'bee'], ['x, y.jpg', 'ant']].sort((a, b) => (a[0]! < b[0]! ? -1 : 1)).map((row) => row[0] === '/away/z.jpg' ? ['/away/z.jpg', 'bee'] : row));
  });

  it.each([
    ['', 1, 'empty'],
    ['path,label\n', 1, 'no image'],
    ['a.jpg,ant\nb.jpg', 2, 'label is missing'],
    ['path,label\n,ant', 2, 'path is missing'],
    ['path,label,split\na.jpg,ant,train\n\nb.jpg,bee,holdout', 4, '"holdout"'],
    ['a.jpg,ant\nb.jpg,bee\na.jpg,bee', 3, 'earlier line'],
    ['a.jpg,ant,train,7', 1, '4 columns'],
    ['path,label\n"a.jpg,ant', 2, ''],
    ['\x89PNG\0\0', 1, 'not text'],
  ])('says in which line %j is wrong', async (text, line, reason) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'DATA_CSV', exit: 2, message: expect.stringMatching(new RegExp(`in line ${line}: .*${reason}`)) });
  });
});
