import type { z } from 'zod'
import { type AnyPlugin, describeSettings } from '../shared/plugin'

const TERM_WIDTH = 26

/** Columns of help texts: those of the terminal, up to what is comfortable to read. */
export function helpWidth(): number {
  return Math.max(60, Math.min(process.stdout.isTTY ? process.stdout.columns : 80, 100))
}

/** Plug-ins with their settings, as help texts show them. */
export function pluginsHelp(
  title: string,
  plugins: ReadonlyMap<string, Pick<AnyPlugin, 'id' | 'summary' | 'params'>>,
): string {
  const blocks = [...plugins.values()].map((plugin) => {
    const summary = wrapped(`${plugin.id}: ${plugin.summary}`, '  ', '    ')
    return `${summary}\n${settingsHelp(plugin.params)}`
  })
  return `\n${title}:\n${blocks.join('\n\n')}`
}

/** The settings of a plug-in with their defaults, what they mean and which values they take. */
export function settingsHelp(schema: z.ZodObject): string {
  return describeSettings(schema)
    .map(({ key, type, defaultValue, description }) => {
      const term = `    ${key}=${defaultValue || '""'}`
      const text = `${description} (${type})`
      const indent = ' '.repeat(TERM_WIDTH + 6)
      return term.length <= TERM_WIDTH + 4
        ? wrapped(text, term.padEnd(indent.length), indent)
        : `${wrapped(term.trim(), '    ', '        ', ',')}\n${wrapped(text, indent, indent)}`
    })
    .join('\n')
}

/** Breaks a text between words (or after `breakAfter`) into lines of the help's width. */
function wrapped(text: string, first: string, others: string, breakAfter = ' '): string {
  const width = helpWidth()
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const piece of text.split(new RegExp(`(?<=${breakAfter})`))) {
    if (!isEmpty && line.length + piece.trimEnd().length > width) {
      lines.push(line.trimEnd())
      line = others
    }
    line += piece
    isEmpty = false
  }
  return [...lines, line.trimEnd()].join('\n')
}
