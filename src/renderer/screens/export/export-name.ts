/** A name for the exported file or folder: of the content, with the ending of the format's own file. */
export function exportName(content: string, fileName: string | null): string {
  const plain = content
    .normalize('NFC')
    // Signs that one of the systems does not take in names, and those that nobody sees.
    .replace(/[/\\:*?"<>|,;\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .replace(/\s+/g, '-')
    // Dots and dashes at the ends mean folders, hidden files and options to some programs.
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 80)
  const stem = plain === '' ? 'export' : plain
  const dot = fileName?.lastIndexOf('.') ?? -1
  return fileName === null || dot < 0 ? stem : `${stem}${fileName.slice(dot)}`
}

/** Whether every system takes it as the name of a file: no folders in it, no reserved signs. */
export function isExportName(name: string): boolean {
  return (
    name.trim() !== '' &&
    name.length <= 200 &&
    !/[/\\:*?"<>|\p{Cc}]/u.test(name) &&
    !/^\.+$/.test(name)
  )
}
