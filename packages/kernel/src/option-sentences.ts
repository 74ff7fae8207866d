/** Says in words what an option may be, from the JSON Schema of its schema. */
export interface SchemaNode {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: SchemaNode[];
  oneOf?: SchemaNode[];
  items?: SchemaNode | false;
  prefixItems?: SchemaNode[];
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
}

/** The part of the schema that a path of property names and indices leads to. */
export function schemaAt(schema: SchemaNode, path: readonly PropertyKey[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema;
  for (const step of path) {
    if (node === undefined) return undefined;
    const byPosition: SchemaNode | undefined = typeof step === 'number' ? node.prefixItems?.[step] : undefined;
    if (typeof step === 'number') node = byPosition ?? (node.items || undefined);
    else {
      const others: SchemaNode | undefined = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
      node = (Object.hasOwn(node.properties ?? {}, step) ? node.properties?.[String(step)] : undefined) ?? others;
    }
  }
  return node;
}

/** A value as it is shown in a message: JSON where it has one, at most 60 characters. */
export function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'symbol' || value === undefined) return String(value);
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = `a ${typeof value}`;
  }
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function either(choices: string[]): string {
  const all = [...new Set(choices)];
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)!}`;
}

const unlimited = (bound: number | undefined) => bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER;

/** `from 0 to 1`, `of at least 1`, `above 0`; zod writes the safe integers as bounds of every whole number: not said. */
function range(node: SchemaNode): string {
  const least = unlimited(node.minimum) ? undefined : node.minimum;
  const most = unlimited(node.maximum) ? undefined : node.maximum;
  const above = unlimited(node.exclusiveMinimum) ? undefined : node.exclusiveMinimum;
  const below = unlimited(node.exclusiveMaximum) ? undefined : node.exclusiveMaximum;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  const bounds = [
    ...(least === undefined ? [] : [`of at least ${least}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(most === undefined ? [] : [`of at most ${most}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
    ...(node.multipleOf === undefined || node.multipleOf === 1 ? [] : [`a multiple of ${node.multipleOf}`]),
  ];
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

function length(unit: string, least?: number, most?: number): string {
  if (least !== undefined && most !== undefined) return least === most ? ` of ${least} ${unit}` : ` of ${least} to ${most} ${unit}`;
  if (least !== undefined) return ` of at least ${least} ${unit}`;
  return most === undefined ? '' : ` of at most ${most} ${unit}`;
}

/** @returns for example `a number from 0 to 1`, `one of "a", "b"`, `true or false`; undefined where the schema says nothing */
export function allowed(node: SchemaNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.enum) return node.enum.length === 1 ? shown(node.enum[0]) : `one of ${node.enum.map(shown).join(', ')}`;
  if ('const' in node) return shown(node.const);
  const alternatives = node.anyOf ?? node.oneOf;
  if (alternatives) {
    const parts = alternatives.map(allowed);
    return parts.every((part) => part !== undefined) ? either(parts) : undefined;
  }
  switch (node.type) {
    case 'number':
      return `a number${range(node)}`;
    case 'integer':
      return `a whole number${range(node)}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    case 'string':
      return `text${length('characters', node.minLength, node.maxLength)}${node.pattern && !node.format ? ` that matches ${node.pattern}` : ''}${node.format ? ` that is a ${node.format}` : ''}`;
    case 'array': {
      if (node.prefixItems) return `a list of ${node.prefixItems.map((item) => allowed(item) ?? 'anything').join(', ')}`;
      const item = allowed(node.items || undefined);
      return `a list${length('values', node.minItems, node.maxItems)}${item === undefined ? '' : `, each ${item}`}`;
    }
    case 'object':
      return node.properties ? `an object of ${Object.keys(node.properties).join(', ')}` : 'an object';
    default:
      return undefined;
  }
}
