import ts from 'typescript-6';
import type { Change } from './sample';

const { SyntaxKind } = ts;

/** The names of Stryker's mutators that each group stands for are in README.md. */
const OPERATORS: Readonly<Partial<Record<ts.SyntaxKind, readonly string[]>>> = {
  [SyntaxKind.LessThanToken]: ['<=', '>='],
  [SyntaxKind.LessThanEqualsToken]: ['<'],
  [SyntaxKind.GreaterThanToken]: ['>=', '<='],
  [SyntaxKind.GreaterThanEqualsToken]: ['>'],
  [SyntaxKind.EqualsEqualsEqualsToken]: ['!=='],
  [SyntaxKind.ExclamationEqualsEqualsToken]: ['==='],
  [SyntaxKind.PlusToken]: ['-'],
  [SyntaxKind.MinusToken]: ['+'],
  [SyntaxKind.AsteriskToken]: ['/'],
  [SyntaxKind.SlashToken]: ['*'],
  [SyntaxKind.PercentToken]: ['*'],
  [SyntaxKind.PlusEqualsToken]: ['-='],
  [SyntaxKind.MinusEqualsToken]: ['+='],
  [SyntaxKind.AmpersandAmpersandToken]: ['||'],
  [SyntaxKind.BarBarToken]: ['&&'],
  [SyntaxKind.QuestionQuestionToken]: ['&&'],
};

const METHODS: Readonly<Record<string, string>> = {
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};

/** Methods that are taken away, so that the list stays as it was. */
const REMOVED: ReadonlySet<string> = new Set(['filter', 'slice', 'toReversed', 'toSorted']);

/** All mutants of a TypeScript file: operators, conditions, constants, methods, and statements that are taken away. */
export function mutantsOf(source: string): Change[] {
  const file = ts.createSourceFile('mutated.ts', source, ts.ScriptTarget.Latest, true);
  const found: Change[] = [];
  const change = (node: ts.Node, to: string, start = node.getStart(file)): void => {
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    const from = source.slice(start, node.end);
    const changed = source.slice(0, start) + to + source.slice(node.end);
    found.push({ line: line + 1, column: character + 1, from, to, source: changed });
  };
  const visit = (node: ts.Node): void => {
    // Types are gone at run time, and what a file imports is not its behaviour.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return;
    mutate(node, change);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function mutate(node: ts.Node, change: (node: ts.Node, to: string, start?: number) => void): void {
  if (ts.isBinaryExpression(node)) {
    const { operatorToken: operator, left, right } = node;
    if (isText(left) || isText(right)) return;
    for (const to of OPERATORS[operator.kind] ?? []) change(operator, to);
  } else if (ts.isPrefixUnaryExpression(node)) {
    const { operator, operand } = node;
    if (operator === SyntaxKind.ExclamationToken || operator === SyntaxKind.MinusToken) {
      change(node, `(${operand.getText()})`);
    }
  } else if (ts.isIfStatement(node)) {
    for (const to of ['true', 'false']) change(node.expression, to);
  } else if (ts.isConditionalExpression(node)) {
    for (const to of ['true', 'false']) change(node.condition, to);
  } else if (ts.isNumericLiteral(node)) {
    change(node, `(${node.text} + 1)`);
  } else if (node.kind === SyntaxKind.TrueKeyword || node.kind === SyntaxKind.FalseKeyword) {
    change(node, String(node.kind === SyntaxKind.FalseKeyword));
  } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { name, expression } = node.expression;
    if (Object.hasOwn(METHODS, name.text)) change(name, METHODS[name.text]);
    if (REMOVED.has(name.text)) change(node, '', expression.end);
  } else if (ts.isExpressionStatement(node)) {
    const isConstructor =
      ts.isCallExpression(node.expression) && node.expression.expression.kind === SyntaxKind.SuperKeyword;
    if (!isConstructor) change(node, ';');
  }
}

/** What is joined to text is text. */
const isText = (node: ts.Expression): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));
