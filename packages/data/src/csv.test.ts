import { afterAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { CultivarError } from '@cultivar/sdk';
import { makeFolder, removeFolders } from '../test/drawn-images.js';
import type { ReadingOptions } from './reading.js';
import { findInCsv } from './csv.js';

afterAll(removeFolders);
const read = async (text: string | Uint8Array) => {
  const folder = await makeFolder({ 'list.csv': text });
  const { candidates } = await findInCsv(`${folder}/list.csv`);
  return candidates.map(({ path, name, label, split }) => [path === `${folder}/${name}` ? name : path, label, ...(split ? [split] : [])]);
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

  it('says how many lines have no split where others have one', async () => {
    const notes = async (text: string) => (await findInCsv(`${await makeFolder({ 'list.csv': text })}/list.csv`)).understood.notes;
    expect(await notes('path,label,split\na.jpg,ant,\nb.jpg,bee,test\nc.jpg,bee,')).toEqual(['2 lines without a split are to train on']);
    expect(await notes('path,label,split\na.jpg,ant,train\nb.jpg,bee,test')).toEqual([]);
    expect(await notes('path,label,split,fold\na.jpg,ant,,1\nb.jpg,bee,test,\nc.jpg,bee,,2')).toEqual([]);
  });

  it('takes paths with commas, out of the folder, and absolute ones', async () => {
    expect(await read('path,label\n"x, y.jpg",ant\n/away/z.jpg,bee')).toEqual([['/away/z.jpg', 'bee'], ['x, y.jpg', 'ant']].sort((a, b) => (a[0]! < b[0]! ? -1 : 1)).map((row) => row[0] === '/away/z.jpg' ? ['/away/z.jpg', 'bee'] : row));
  });

  it.each([
    ['', 1, 'empty'],
    ['path,label\n', 1, 'no image'],
    ['a.jpg,ant\nb.jpg', 2, 'label is missing'],
    ['path,label\n,ant', 2, 'path is missing'],
    ['path,label,split\na.jpg,ant,train\n\nb.jpg,bee,sometimes', 4, '"sometimes"'],
    ['a.jpg,ant\nb.jpg,bee\na.jpg,bee', 3, 'earlier line'],
    ['a.jpg,ant,train,7', 1, '4 columns'],
    ['path,label\n"a.jpg,ant', 2, ''],
    ['\x89PNG\0\0', 1, 'not text'],
  ])('says in which line %j is wrong', async (text, line, reason) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'DATA_CSV', exit: 2, message: expect.stringMatching(new RegExp(`in line ${line}: .*${reason}`)) });
  });
});

/** Rows of a table beside these files, as `name label split fold`; or the code of the error and what it says. */
async function understood(text: string | Uint8Array, files: readonly string[] = ['1.jpg', '2.jpg', '3.jpg', '4.jpg'], options: ReadingOptions = {}): Promise<string[] | string> {
  const folder = await makeFolder({ ...Object.fromEntries(files.map((file) => [file, 'x'])), 'list.csv': text });
  return await findInCsv(`${folder}/list.csv`, options).then(
    ({ candidates }) => candidates.map(({ name, label, split, fold }) => [name, label, split, fold].filter((part) => part !== undefined).join(' ')),
    (error: unknown) => (error instanceof CultivarError ? `${error.code}: ${error.message} ${error.mend}` : Promise.reject(error)));
}
const table = (header: string, ...rows: string[]) => [header, ...rows].join('\n');

describe('columns that mean a split', () => {
  const trained = ['1.jpg ant train', '2.jpg bee train', '3.jpg ant test', '4.jpg bee test'];
  const validated = trained.map((row) => row.replace('test', 'val'));
  it.each<[string, (held: boolean) => string, string[]]>([
    ['is_valid', (held) => (held ? 'True' : 'False'), validated], ['is_valid', (held) => (held ? '1' : '0'), validated], ['valid', (held) => (held ? 'yes' : 'no'), validated], ['isValidation', (held) => (held ? 'TRUE' : 'FALSE'), validated],
    ['is_test', (held) => (held ? '1.0' : '0.0'), trained], ['Test', (held) => (held ? 'y' : 'n'), trained], ['in_test_set', (held) => (held ? 't' : 'f'), trained], ['holdout', (held) => (held ? '1' : '0'), trained],
    ['is_training_img', (held) => (held ? '0' : '1'), trained], ['train', (held) => (held ? 'false' : 'true'), trained],
    ['subset', (held) => (held ? 'validation' : 'training'), validated], ['set', (held) => (held ? 'dev' : 'train'), validated], ['Usage', (held) => (held ? 'PrivateTest' : 'Training'), trained], ['partition', (held) => (held ? 'testing' : 'TRAIN'), trained],
    ['anything', (held) => (held ? 'test' : 'train'), trained], ['fold', (held) => (held ? 'valid' : 'train'), validated], ['data_split', (held) => (held ? 'hold-out' : 'train'), trained],
  ])('%s', async (name, cell, expected) => {
    expect(await understood(table(`path,label,${name}`, ...['1.jpg,ant', '2.jpg,bee', '3.jpg,ant', '4.jpg,bee'].map((row, index) => `${row},${cell(index > 1)}`)))).toEqual(expected);
    expect(await understood(table(`${name};breed;img`, ...['ant;1.jpg', 'bee;2.jpg', 'ant;3.jpg', 'bee;4.jpg'].map((row, index) => `${cell(index > 1)};${row}`)))).toEqual(expected);
  });

  it('several of them are joined', async () => {
    expect(await understood('path,label,is_valid,is_test\n1.jpg,ant,0,0\n2.jpg,bee,1,0\n3.jpg,ant,0,1')).toEqual(['1.jpg ant train', '2.jpg bee val', '3.jpg ant test']);
    expect(await understood('path,label,is_train,is_val\n1.jpg,ant,1,0\n2.jpg,bee,0,1\n3.jpg,ant,0,0')).toEqual(['1.jpg ant train', '2.jpg bee val', '3.jpg ant test']);
    expect(await understood('path,label,is_valid,is_test\n1.jpg,ant,1,1')).toMatch(/^DATA_CSV: .*line 2.*two parts at once, val \(column is_valid\) and test/);
    expect(await understood('path,label,split,is_test\n1.jpg,ant,train,0\n2.jpg,ant,train,1')).toMatch(/^DATA_CSV: .*line 3.*two parts at once/);
  });

  it('folds are folds', async () => {
    expect(await understood('path,label,fold\n1.jpg,ant,0\n2.jpg,bee,1\n3.jpg,ant,1')).toEqual(['1.jpg ant 0', '2.jpg bee 1', '3.jpg ant 1']);
    expect(await understood('path,label,kfold,split\n1.jpg,ant,0,train\n2.jpg,bee,1,train\n3.jpg,ant,1,test')).toEqual(['1.jpg ant train 0', '2.jpg bee train 1', '3.jpg ant test 1']);
    expect(await understood('path,label,fold\n1.jpg,ant,0\n2.jpg,bee,test')).toEqual(['1.jpg ant 0', '2.jpg bee test']);
    expect(await understood('path,label,part\n1.jpg,ant,a\n2.jpg,bee,b', undefined, { csv: { fold: 'part' } })).toEqual(['1.jpg ant a', '2.jpg bee b']);
  });

  it.each([
    ['partition', '0', '1'], ['set', 'A', 'B'], ['is_valid', '0', 'maybe'], ['test', '0.3', '7'], ['split', '1', '2'], ['in_val', '1', ''], ['test_positive', '0', '1'], ['fold', '1', ''],
  ])('%s of %s and %s is refused', async (name, one, other) => {
    expect(await understood(`path,label,${name}\n1.jpg,ant,${one}\n2.jpg,bee,${other}\n`)).toMatch(/^DATA_CSV(_SPLIT)?: .*split=none/);
  });

  it('and what they mean can be said', async () => {
    const partition = 'path,label,partition\n1.jpg,ant,0\n2.jpg,bee,1\n3.jpg,ant,2';
    expect(await understood(partition, undefined, { split: { 0: 'train', 1: 'val', 2: 'test' } })).toEqual(['1.jpg ant train', '2.jpg bee val', '3.jpg ant test']);
    expect(await understood(partition, undefined, { split: { 0: 'train', 1: 'val', 2: 'ignore' } })).toEqual(['1.jpg ant train', '2.jpg bee val']);
    expect(await understood(partition, undefined, { csv: { split: 'none' } })).toEqual(['1.jpg ant', '2.jpg bee', '3.jpg ant']);
    expect(await understood(partition, undefined, { split: { 7: 'train' } })).toMatch(/^DATA_SPLIT_UNKNOWN: .*7.*0, 1 and 2/);
  });
});

describe('columns by name', () => {
  it.each([
    'path,label', 'Filename,Class', 'image_path,breed', 'img,species', 'FilePath,Category', 'image_id,target', 'id,breed', 'image,diagnosis', ',path,label', 'file name,class name', 'ID,Label', 'Image Index,label', 'id_code,diagnosis',
  ])('%s', async (header) => {
    const extra = header.startsWith(',') ? '0,' : '';
    expect(await understood(`${header}\n${extra}1.jpg,ant\n${extra}2.jpg,bee`)).toEqual(['1.jpg ant', '2.jpg bee']);
  });

  it.each([
    ['foo,bar\n1.jpg,ant', /none of them is known as the path.*there are: foo and bar/], ['img,foo\n1.jpg,ant', /label.*--csv path=img,label=foo/], ['name,kind of thing\n1.jpg,ant', /label/],
    ['x,y,z\n1.jpg,ant,train', /path/], ['path,class,tag\n1.jpg,ant,small\n2.jpg,ant,big', /class and tag/], ['cat,1.jpg\ndog,2.jpg', /first cell, cat, is no file.*--csv/],
  ])('asks about %j', async (text, says) => {
    expect(await understood(text)).toMatch(/^DATA_CSV_COLUMNS/);
    expect(await understood(text)).toMatch(says);
  });

  it('takes what is said', async () => {
    expect(await understood('foo,bar,baz\n1.jpg,ant,train\n2.jpg,bee,test', undefined, { csv: { path: 'foo', label: 'bar', split: 'baz' } })).toEqual(['1.jpg ant train', '2.jpg bee test']);
    expect(await understood('cat,1.jpg\ndog,2.jpg', undefined, { csv: { path: '2', label: '1' } })).toEqual(['1.jpg cat', '2.jpg dog']);
    expect(await understood('h1,h2\ncat,1.jpg', undefined, { csv: { path: '2', label: '1' } })).toEqual(['1.jpg cat']);
    expect(await understood('path,label\n1.jpg,ant', undefined, { csv: { label: 'breed' } })).toMatch(/^DATA_CSV_COLUMNS: .*no column breed/);
    expect(await understood('path,coarse,fine\n1.jpg,a,b', undefined, { csv: { label: 'fine' } })).toEqual(['1.jpg b']);
  });

  it('takes the name where a number stands for the same', async () => {
    expect(await understood('path,class_id,class_name\n1.jpg,0,ant\n2.jpg,1,bee')).toEqual(['1.jpg ant', '2.jpg bee']);
  });

  it('reads one column a class', async () => {
    expect(await understood('image,ant,bee,fly\n1,1.0,0.0,0.0\n2,0.0,0.0,1.0')).toEqual(['1.jpg ant', '2.jpg fly']);
    expect(await understood('image,is_test,ant,bee\n1,0,1,0\n2,1,0,1')).toEqual(['1.jpg ant train', '2.jpg bee test']);
    expect(await understood('image,ant,bee\n1,1,1')).toMatch(/^DATA_CSV: .*line 2.*several classes, ant and bee/);
    expect(await understood('image,ant,bee\n1,0,0')).toMatch(/^DATA_CSV: .*line 2.*none of its class columns is 1/);
    expect(await understood('image,patient,ant,bee\n1,p1,1,0')).toMatch(/^DATA_CSV_COLUMNS/);
    expect(await understood('image,patient,ant,bee\n1,p1,1,0', undefined, { csv: { label: 'ant|bee' } })).toEqual(['1.jpg ant']);
  });

  it('refuses several labels in a cell, where it is clear', async () => {
    expect(await understood('path,label\n1.jpg,cat\n2.jpg,cat|dog')).toMatch(/^DATA_CSV: .*line 3: "cat\|dog" holds several labels/);
    expect(await understood('path,tags\n1.jpg,cat dog\n2.jpg,cat\n3.jpg,dog')).toMatch(/several labels/);
    expect(await understood(`path,label\n1.jpg,"['cat', 'dog']"\n2.jpg,['cat']\n3.jpg,['dog']`)).toMatch(/^DATA_CSV: .*line 2: .*several labels/);
    expect(await understood('path,label\n1.jpg,sea lion\n2.jpg,lion')).toEqual(['1.jpg sea lion', '2.jpg lion']);
  });
});

describe('paths', () => {
  it.each([
    ['0001', ['0001.JPEG']], ['a\\b.jpg', ['a/b.jpg']], ['./a/b.jpg', ['a/b.jpg']], ['b.jpg', ['images/b.jpg']], ['b', ['images/train/b.png']], ['a/b', ['deep/a/b.webp']], ['a%20b.jpg', ['a b.jpg']], ['x/../b.jpg', ['b.jpg']],
    ['e\u0301.jpg', ['\u00e9.jpg']], ['\u00e9.jpg', ['e\u0301.jpg']], ['.\\imgs\\b', ['imgs/b.jpg', 'imgs/b2.jpg']], ['b.v2', ['b.v2.png']],
  ])('%s is found', async (cell, files) => {
    expect(await understood(`path,label\n${cell},ant`, files)).toEqual([`${files[0]} ant`]);
    expect(await understood(`path,label\r\n"${cell}","ant"\r\n`, files)).toEqual([`${files[0]} ant`]);
  });

  it.each([
    ['b', ['b.jpg', 'b.png'], /b may be b.jpg and b.png/], ['b.jpg', ['x/b.jpg', 'y/b.jpg'], /b.jpg may be x\/b.jpg and y\/b.jpg/], ['https://example.org/b.jpg', ['b.jpg'], /is a URL/], ['s3://bucket/b.jpg', ['b.jpg'], /is a URL/],
  ])('%s is refused', async (cell, files, says) => {
    expect(await understood(`path,label\n${cell},ant`, files)).toMatch(says);
  });

  it('an exact path comes before all others', async () => {
    expect(await understood('path,label\nb,ant\nc\\d.jpg,bee', ['b', 'b.jpg', 'c\\d.jpg', 'c/d.jpg'])).toEqual(['b ant', 'c\\d.jpg bee']);
  });

  it('of an image said twice the labels must agree', async () => {
    expect(await understood('path,label\n1.jpg,ant\n./1.jpg,ant\n1,ant')).toEqual(['1.jpg ant']);
    expect(await understood('path,label\n1.jpg,ant\n./1.jpg,bee')).toMatch(/line 3.*earlier line \(2\) with another label, ant/);
  });
});

describe('text', () => {
  const rows = 'path,label\n1.jpg,Käfer\n2.jpg,Ameise\n';
  const expected = ['1.jpg Käfer', '2.jpg Ameise'];
  const utf16 = (mark: boolean) => Buffer.from(`${mark ? '\ufeff' : ''}${rows}`, 'utf16le');
  it.each<[string, string | Uint8Array]>([
    ['UTF-8', rows], ['UTF-8 with a mark', `\ufeff${rows}`], ['Windows-1252', Buffer.from(rows, 'latin1')], ['UTF-16', utf16(true)], ['UTF-16, the other way round', Buffer.from(utf16(true)).swap16()], ['UTF-16 without a mark', utf16(false)],
    ['old Macs', rows.replaceAll('\n', '\r')], ['semicolons', rows.replaceAll(',', ';')], ['tabs', rows.replaceAll(',', '\t')], ['bars', rows.replaceAll(',', '|')], ['trailing commas', rows.replaceAll('\n', ',\n')], ['spaces', rows.replaceAll(',', ' , ')],
    ['a first line on the delimiter', `sep=;\r\n${rows.replaceAll(',', ';')}`], ['the same in UTF-16', Buffer.from(`\ufeffsep=\t\n${rows.replaceAll(',', '\t')}`, 'utf16le')],
    ['quotes behind spaces', 'path, label\n"1.jpg", "Käfer"\n"2.jpg", "Ameise"\n'], ['empty lines', `\n\n${rows.replaceAll('\n', '\n\n')}\n`],
  ])('%s', async (_, text) => { expect(await understood(text)).toEqual(expected); });

  it('Windows-1252 has quotes and euros of its own', async () => {
    expect(await understood(Buffer.concat([Buffer.from('path,label\n1.jpg,'), Buffer.from([0x80, 0x93, 0xe9, 0x94])]))).toEqual(['1.jpg €“é”']);
  });

  it('counts lines from the first one, also where that tells the delimiter', async () => {
    expect(await understood('sep=;\npath;label\n1.jpg;ant\n2.jpg;\n')).toMatch(/^DATA_CSV: .*line 4: the label is missing/);
  });

  it('a comma inside a cell does not shift the others', async () => {
    expect(await understood('path;label\n1.jpg;ants, red\n2.jpg;bees')).toEqual(['1.jpg ants, red', '2.jpg bees']);
    expect(await understood('path,label\na,1.jpg,ant\n')).toMatch(/^DATA_CSV: .*line 2.*more cells/);
  });

  (process.platform === 'win32' ? it.skip : it)('does not wait for a pipe', async () => {
    const folder = await makeFolder();
    execFileSync('mkfifo', [`${folder}/list.csv`]);
    await expect(findInCsv(`${folder}/list.csv`)).rejects.toMatchObject({ code: 'DATA_CSV', message: expect.stringContaining('not a regular file') });
  });
});
