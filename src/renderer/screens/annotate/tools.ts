/** In the order of the tool bar. */
export const toolIds = [
  'select',
  'propose',
  'rectangle',
  'circle',
  'polygon',
  'brush',
  'eraser',
  'object',
] as const
export type ToolId = (typeof toolIds)[number]

export const cursors: Readonly<Record<ToolId, string>> = {
  select: 'default',
  propose: 'crosshair',
  rectangle: 'crosshair',
  circle: 'crosshair',
  polygon: 'crosshair',
  brush: 'none',
  eraser: 'none',
  object: 'crosshair',
}
