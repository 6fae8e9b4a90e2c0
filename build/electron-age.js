// Warns when the pinned Electron is no longer among the newest three majors, or is the oldest of them: only those three
// get security fixes. Run by the weekly workflow; asks the npm registry for one number.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { electronAdvice } from './package-rules.js'

const { version } = createRequire(import.meta.url)('electron/package.json')
const newest = execFileSync('npm', ['view', 'electron', 'dist-tags.latest'], {
  encoding: 'utf8',
}).trim()
const advice = electronAdvice(major(version), major(newest))
if (advice.level === 'ok') console.log(`Electron ${version}, newest is ${newest}`)
else console.log(`::${advice.level}::${advice.text}`)
process.exitCode = advice.level === 'error' ? 1 : 0

function major(text) {
  return Number(text.split('.')[0])
}
