export const FUSE_SENTINEL: string
export function makeStandIn(
  folder: string,
  electron: { readonly version: string; readonly fuseCount: number },
): Promise<void>
