import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

const places = [
  process.env['PATCHWARDEN_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Where Chromium is; undefined where there is none. */
export const chromiumPath = places.find(
  (path): path is string => path !== undefined && existsSync(path),
)

export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('There is no Chromium on this machine')
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] })
}

/** What a page must never do. Filled while it runs. */
export interface Faults {
  readonly all: string[]
  /** Faults that a test brings about itself, such as by ending the service. */
  expect(pattern: RegExp): void
}

/** Listens for console errors, exceptions, unhandled rejections and violations of the content security policy. */
export async function watchFaults(page: Page): Promise<Faults> {
  const expected: RegExp[] = []
  const all: string[] = []
  const add = (fault: string): void => {
    if (!expected.some((pattern) => pattern.test(fault))) all.push(fault)
  }
  page.on('console', (message) => {
    const { url } = message.location()
    // The browser tells of every refusal; the app takes it as an answer and shows it where that matters.
    const isAnswer = /\/(api|upload)/.test(url) && /status of 4\d\d/.test(message.text())
    if (!isAnswer && (message.type() === 'error' || message.type() === 'warning')) {
      add(`console ${message.type()}: ${message.text()} (${url})`)
    }
  })
  // Unhandled rejections come here too.
  page.on('pageerror', (error) => {
    add(`exception: ${error.stack ?? error.message}`)
  })
  page.on('crash', () => {
    add('the page crashed')
  })
  await page.exposeFunction('tellViolation', (text: string) => {
    add(`content security policy: ${text}`)
  })
  await page.addInitScript(`
    document.addEventListener('securitypolicyviolation', (event) => {
      window.tellViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile)
    })
  `)
  return {
    all,
    expect: (pattern) => {
      expected.push(pattern)
    },
  }
}

/**
 * No finding of axe that keeps someone out: serious and critical ones, in the theme that the page shows. One page without
 * foreign frames: "legacy" spares a second page for each look, and what passes need not be told; five times as fast.
 */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .setLegacyMode(true)
    .analyze()
  const findings = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n  ${nodes
          .slice(0, 5)
          .map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary ?? ''}`)
          .join('\n  ')}`,
    )
  expect(findings, `axe on ${where}`).toEqual([])
}
