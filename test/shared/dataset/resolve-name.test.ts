import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveName } from '../../../src/shared/dataset/resolve-name'
import { AppError } from '../../../src/shared/errors'

test.each([
  ['a.jpg', '', 'a.jpg'],
  ['a.jpg', 'x/y', 'x/y/a.jpg'],
  ['./b\\a.jpg', 'x', 'x/b/a.jpg'],
  ['../a.jpg', 'x/y', 'x/a.jpg'],
  ['..\\..\\a.jpg', 'x/y', 'a.jpg'],
  ['sub/../a.jpg', '', 'a.jpg'],
  ['%2e%2e/a.jpg', '', '%2e%2e/a.jpg'],
  ['a//b.jpg', '', 'a/b.jpg'],
  ['12:30.jpg', '', '12:30.jpg'],
  ['.hidden', '', '.hidden'],
  ['...', '', '...'],
])('%j from %j is %j', (name, folder, resolved) => {
  expect(resolveName(name, folder)).toBe(resolved)
})

test.each([
  ['../a.jpg', '', 'E_PATH_ESCAPES_ROOT'],
  ['x/../../a.jpg', '', 'E_PATH_ESCAPES_ROOT'],
  ['..\\..\\a.jpg', 'x', 'E_PATH_ESCAPES_ROOT'],
  ['/etc/passwd', 'x', 'E_PATH_ESCAPES_ROOT'],
  ['\\\\server\\share\\x.jpg', '', 'E_PATH_ESCAPES_ROOT'],
  ['//server/share/x.jpg', '', 'E_PATH_ESCAPES_ROOT'],
  ['C:\\Windows\\win.ini', '', 'E_PATH_ESCAPES_ROOT'],
  ['c:a.jpg', '', 'E_PATH_ESCAPES_ROOT'],
  ['file:///etc/hostname', '', 'E_PATH_IS_URL'],
  ['HTTP://example.invalid/x.jpg', '', 'E_PATH_IS_URL'],
  ['s3://bucket/x.jpg', '', 'E_PATH_IS_URL'],
  ['data:image/png;base64,AA', '', 'E_PATH_IS_URL'],
  ['a\0.jpg', '', 'E_PATH_INVALID'],
  ['\ud800.jpg', '', 'E_PATH_INVALID'],
  ['', 'x', 'E_PATH_INVALID'],
  ['.', 'x', 'E_PATH_INVALID'],
  ['x/..', 'x', 'E_PATH_INVALID'],
  ['x/', '', 'E_PATH_INVALID'],
])('%j from %j is refused: %s', (name, folder, code) => {
  expect(() => resolveName(name, folder)).toThrow(expect.objectContaining({ code }) as Error)
})

test('what is answered stays below the root and is answered again', () => {
  const part = fc.oneof(fc.constantFrom('..', '.', '', 'a', 'C:', '%2e'), fc.string())
  const name = fc.tuple(fc.array(part), fc.constantFrom('/', '\\'))
  fc.assert(
    fc.property(name, fc.constantFrom('', 'x', 'x/y'), ([parts, separator], folder) => {
      let resolved: string
      try {
        resolved = resolveName(parts.join(separator), folder)
      } catch (error) {
        expect(error).toBeInstanceOf(AppError)
        return
      }
      expect(resolved).not.toMatch(/^\/|\\|\0|(?:^|\/)\.{0,2}(?:\/|$)/)
    }),
    { numRuns: 500 },
  )
})
