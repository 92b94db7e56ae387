// The mutants of one JavaScript source: each is one small change that a test should notice.
import { parse } from 'acorn';

const ARITHMETIC = { '+': '-', '-': '+', '*': '/', '/': '*', '%': '*', '**': '*' };
const BITS = { '&': '|', '|': '&', '^': '&', '<<': '>>', '>>': '<<', '>>>': '<<' };
const COMPARISON = {
  ...{ '<': '<=', '<=': '<', '>': '>=', '>=': '>' },
  ...{ '===': '!==', '!==': '===', '==': '!=', '!=': '==' },
};
const ASSIGNMENT = { '+=': '-=', '-=': '+=', '*=': '/=', '/=': '*=', '|=': '&=', '&=': '|=', '??=': '=' };
const METHODS = {
  ...{ min: 'max', max: 'min', floor: 'ceil', ceil: 'floor' },
  ...{ some: 'every', every: 'some' },
};
const EXITS = new Set(['ReturnStatement', 'ContinueStatement', 'BreakStatement', 'ThrowStatement']);
/** Properties whose values are words for people. */
const WORDS = new Set(['says', 'summary', 'doc', 'docs', 'description']);

/**
 * All mutants of a source, in order of place: `{ start, end, operator, original, mutant }`, where `mutant` takes the place of
 * the characters from `start` to `end`. `guards` counts the calls of `assert`, whose conditions are left as they are.
 */
export function mutantsOf(source) {
  const found = [];
  const add = (node, operator, mutant) =>
    found.push({ ...{ start: node.start, end: node.end, operator, mutant }, original: textOf(node) });
  const textOf = ({ start, end }) => source.slice(start, end);
  /** Changes the operator that stands between two operands. */
  const swap = (node, operator, to) => {
    const gap = source.slice(node.left.end, node.right.start).replace(node.operator, to);
    const before = source.slice(node.start, node.left.end);
    add(node, operator, before + gap + source.slice(node.right.start, node.end));
  };
  const operators = operatorsOf({ add, swap, textOf });
  let guards = 0;
  const visit = (node) => {
    if (isGuard(node)) {
      guards++;
      return;
    }
    operators[node.type]?.(node);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }));
  return { mutants: found.sort((a, b) => a.start - b.start || b.end - a.end), guards };
}

/** What to add for a node of each type. */
function operatorsOf({ add, swap, textOf }) {
  const condition = (node, values) => {
    for (const value of values) if (textOf(node) !== value) add(node, 'condition', value);
  };
  const emptied = (node, operator) => {
    if (node?.type === 'BlockStatement' && node.body.length > 0) add(node, operator, '{}');
  };
  const loop = ({ test, body }) => {
    if (test) condition(test, ['false']);
    emptied(body, 'block');
  };
  const functionBody = ({ body }) => emptied(body, 'block');
  return {
    BinaryExpression(node) {
      const { operator, left, right } = node;
      if (operator in COMPARISON) swap(node, 'comparison', COMPARISON[operator]);
      else if (operator in BITS) swap(node, 'bits', BITS[operator]);
      else if (operator in ARITHMETIC && !isText(left) && !isText(right))
        swap(node, 'arithmetic', ARITHMETIC[operator]);
    },
    LogicalExpression(node) {
      if (node.operator !== '??') return swap(node, 'logical', node.operator === '&&' ? '||' : '&&');
      add(node, 'default', `(${textOf(node.left)})`);
      add(node, 'default', `(${textOf(node.right)})`);
    },
    UnaryExpression(node) {
      if (node.operator === '!' || node.operator === '-') add(node, 'unary', ` (${textOf(node.argument)})`);
    },
    UpdateExpression(node) {
      add(node, 'step', textOf(node).replace(node.operator, node.operator === '++' ? '--' : '++'));
    },
    AssignmentExpression(node) {
      if (node.operator in ASSIGNMENT && !isText(node.right))
        swap(node, 'assignment', ASSIGNMENT[node.operator]);
    },
    Literal(node) {
      if (!Number.isInteger(node.value) || /[.e]/i.test(node.raw.replace(/^0x.*/i, ''))) return;
      add(node, 'constant', String(node.value + 1));
      if (node.value !== 0) add(node, 'constant', String(node.value - 1));
    },
    IfStatement(node) {
      const exit = node.consequent.type === 'BlockStatement' ? node.consequent.body[0] : node.consequent;
      if (node.alternate === null && EXITS.has(exit?.type)) add(node, 'early exit', ';');
      else condition(node.test, ['false']);
      condition(node.test, ['true']);
      emptied(node.alternate, 'block');
    },
    ConditionalExpression: ({ test }) => condition(test, ['true', 'false']),
    ForStatement: loop,
    WhileStatement: loop,
    DoWhileStatement: loop,
    ForOfStatement: ({ body }) => emptied(body, 'block'),
    FunctionDeclaration: functionBody,
    FunctionExpression: functionBody,
    ArrowFunctionExpression: functionBody,
    ExpressionStatement(node) {
      const { type, callee } = node.expression;
      if (type === 'CallExpression' ? callee.type !== 'Super' : /^(Assignment|Await|Update)/.test(type))
        add(node, 'statement', ';');
    },
    MemberExpression({ property, computed }) {
      if (!computed && Object.hasOwn(METHODS, property.name)) add(property, 'method', METHODS[property.name]);
    },
  };
}

/** A call of `assert`, as a statement or not. */
function isGuard(node) {
  const call = node.type === 'ExpressionStatement' ? node.expression : node;
  return call.type === 'CallExpression' && call.callee.name === 'assert';
}

const isText = ({ type, value, left, right }) =>
  type === 'TemplateLiteral' ||
  (type === 'Literal' && typeof value === 'string') ||
  (type === 'BinaryExpression' && (isText(left) || isText(right)));

/** The nodes below a node that can matter: no words of errors and of documentation. */
function childrenOf(node) {
  if (node.type === 'NewExpression' && /Error$/.test(node.callee.name)) return [];
  if (node.type === 'CallExpression' && node.callee.name === 'expectPlugin') return [node.arguments[0]];
  if (node.type === 'CallExpression' && node.callee.property?.name === 'describe') return [node.callee];
  if (node.type === 'Property' && WORDS.has(node.key.name)) return [];
  return Object.values(node)
    .flat()
    .filter((child) => typeof child?.type === 'string' && typeof child.start === 'number');
}
