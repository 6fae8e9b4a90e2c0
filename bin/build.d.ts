export function programFolder(packageRoot: string): Promise<string>
