export function electronBinary(): string | undefined
export function installElectron(limitMs: number): Promise<boolean>
