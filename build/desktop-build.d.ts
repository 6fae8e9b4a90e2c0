/** Builds main, preload and pages into out/app, unless the last build is of the present sources. */
export function buildDesktop(packageRoot: string): Promise<void>
/** Builds the pages alone, unless that was done; answers their folder. */
export function buildRenderer(packageRoot: string): Promise<string>
