/** Moves the focus to the next or previous landmark, and in it to what can have the focus first. */
export function focusNextRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (region) => region.offsetParent !== null || region.tagName === 'MAIN',
  )
  if (regions.length === 0) return
  const active = document.activeElement
  // The innermost one counts: panels lie inside the main region.
  const at = regions.findLastIndex((region) => region.contains(active))
  const start = at < 0 ? (step === 1 ? -1 : 0) : at
  const next = regions[(start + step + regions.length) % regions.length]
  if (!next) return
  const first = next.querySelector<HTMLElement>(
    '[tabindex="0"], button:not(:disabled), a[href], input:not(:disabled), select',
  )
  // A region without a control takes the focus itself.
  if (!first) next.tabIndex = -1
  const target = first ?? next
  target.focus()
}
