/**
 * A Babel plugin that does with a decorated property what TypeScript does: the decorators are called with the
 * prototype and the property's name, after the class's members and before its own decorators.
 *
 *     class Sign { @options() readonly options!: SignOptions }
 *     class Sign { options; static { options()(this.prototype, 'options') } }
 *
 * jiti's own Babel refuses `!` behind a decorated property's name, and leaves out the plugin that decorated properties
 * need (unjs/jiti issue 367). It appends what is given here, and a Program visitor comes before any class visitor.
 */
interface Node {
  name?: string;
  value?: unknown;
}
interface ClassProperty {
  key: Node;
  computed?: boolean;
  static?: boolean;
  definite?: boolean | null;
  declare?: boolean;
  decorators?: { expression: Node }[] | null;
}
interface ClassPropertyPath {
  node: ClassProperty;
  parent: { body: Node[] };
}
interface Program {
  traverse(visitor: { ClassProperty(path: ClassPropertyPath): void }): void;
}
interface Types {
  stringLiteral(value: string): Node;
  identifier(name: string): Node;
  thisExpression(): Node;
  memberExpression(object: Node, property: Node): Node;
  callExpression(callee: Node, args: Node[]): Node;
  expressionStatement(expression: Node): Node;
  staticBlock(body: Node[]): Node;
}

export function decoratedProperties({ types }: { types: Types }): { visitor: { Program(path: Program): void } } {
  const rewrite = ({ node, parent }: ClassPropertyPath) => {
    node.definite = false;
    if (!node.decorators || node.decorators.length === 0) return;
    const key = node.computed ? node.key : types.stringLiteral(node.key.name ?? String(node.key.value));
    const target = node.static ? types.thisExpression() : types.memberExpression(types.thisExpression(), types.identifier('prototype'));
    const calls = node.decorators.map(({ expression }) => types.expressionStatement(types.callExpression(expression, [target, key])));
    parent.body.push(types.staticBlock(calls.reverse()));
    node.decorators = null;
  };
  return { visitor: { Program: (path) => path.traverse({ ClassProperty: rewrite }) } };
}
