import ts from 'typescript'

/** One small fault planted in a file. */
export interface Mutant {
  readonly line: number
  readonly from: string
  readonly to: string
  /** The whole file with the fault. */
  readonly text: string
}

const operators = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*'],
  [ts.SyntaxKind.PercentToken, '*'],
  [ts.SyntaxKind.AsteriskAsteriskToken, '*'],
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
  [ts.SyntaxKind.PlusEqualsToken, '-='],
  [ts.SyntaxKind.MinusEqualsToken, '+='],
  [ts.SyntaxKind.AsteriskEqualsToken, '/='],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, '<<'],
])

const mathFunctions = new Map([
  ['floor', 'ceil'],
  ['ceil', 'floor'],
  ['trunc', 'ceil'],
  ['min', 'max'],
  ['max', 'min'],
])

/** All mutants of a file: swapped operators, numbers one higher, floor for ceil, min for max, true for false, no sign. */
export function mutantsOf(source: string): Mutant[] {
  const file = ts.createSourceFile('file.ts', source, ts.ScriptTarget.ES2022, true)
  const mutants: Mutant[] = []
  const replace = (node: ts.Node, to: string): void => {
    const start = node.getStart(file)
    mutants.push({
      line: file.getLineAndCharacterOfPosition(start).line + 1,
      from: node.getText(file),
      to,
      text: source.slice(0, start) + to + source.slice(node.getEnd()),
    })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node)) return
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return
    if (ts.isBinaryExpression(node)) {
      const swapped = operators.get(node.operatorToken.kind)
      if (swapped !== undefined) replace(node.operatorToken, swapped)
    }
    if (ts.isNumericLiteral(node)) replace(node, String(Number(node.text) + 1))
    if (ts.isBigIntLiteral(node)) replace(node, `(${node.text} + 1n)`)
    if (node.kind === ts.SyntaxKind.TrueKeyword) replace(node, 'false')
    if (node.kind === ts.SyntaxKind.FalseKeyword) replace(node, 'true')
    if (ts.isPrefixUnaryExpression(node)) {
      const isSign =
        node.operator === ts.SyntaxKind.MinusToken ||
        node.operator === ts.SyntaxKind.ExclamationToken
      if (isSign) replace(node, node.operand.getText(file))
    }
    if (ts.isPropertyAccessExpression(node) && node.expression.getText(file) === 'Math') {
      const other = mathFunctions.get(node.name.text)
      if (other !== undefined) replace(node.name, other)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return mutants
}
